import { guards, has, type MediaBit, type Row, rowAllowed, rows, sends } from './permission-model.ts';

/** In what way enforcement is broken on purpose. */
export interface Fault {
  /** What guards this bit is not closed when the bit goes, until its transport does. */
  readonly neverCloses?: MediaBit;
  /** These ways to hand a key in take every key that is good for one with all bits. */
  readonly allBitsWith?: 'enter' | 'switchRole' | 'updatePrivateMapKey';
  /** Whatever is asked for, all bits are in use. */
  readonly ignoresAuthority?: boolean;
  /**
   * What operators take away is not taken. `resumed`: from those who have resumed. `entry`: what was taken before an
   * entry. `workerDeath`: from those who come back after the death of a worker.
   */
  readonly ignoresDenials?: 'always' | 'resumed' | 'entry' | 'workerDeath';
  /** A key that expires takes nothing with it. */
  readonly ignoresExpiry?: boolean;
  /** Revoked tickets stay good, and their members inside. */
  readonly ignoresRevocation?: boolean;
}

type Step = 'enter' | 'switchRole' | 'updatePrivateMapKey';

/**
 * What one member may do, step by step, as the specification says it, in a room that is there already and whose
 * application demotes members with expired keys. With a fault it says what a server with that fault would let flow.
 */
export class MemberModel {
  readonly #fault: Fault;
  #inside = false;
  #live = false;
  #audience = false;
  #held = 0;
  #authority = 255;
  #denied = 0;
  #lapsed = false;
  #revoked = false;
  #resumed = false;
  /** What is denied was denied before the entry. */
  #deniedBefore = false;
  #workerDied = false;
  #unclosed = new Set<Row>();

  constructor(fault: Fault = {}) {
    this.#fault = fault;
  }

  get inside(): boolean {
    return this.#inside;
  }

  /** Enters as an anchor, or comes back in the place of an earlier entry. Says whether the entry is good. */
  enter(byte: number, { live = false, revocable = false } = {}): boolean {
    const held = this.#handedIn('enter', byte);
    const revoked = revocable && this.#revoked && !this.#fault.ignoresRevocation;
    if (revoked || !has(held, 'enterRoom')) return false;
    if (has(this.#denied, 'enterRoom') && !this.#ignores('always', 'entry')) return false;
    this.#inside = true;
    this.#live = live;
    this.#audience = false;
    this.#held = held;
    this.#authority = 255;
    this.#lapsed = false;
    this.#resumed = false;
    this.#deniedBefore = true;
    this.#unclosed = new Set();
    return this.#changed();
  }

  updatePrivateMapKey(byte: number): boolean {
    return this.#newKey('updatePrivateMapKey', byte);
  }

  switchRole(role: 'anchor' | 'audience', byte: number): boolean {
    if (!has(this.#handedIn('switchRole', byte), 'enterRoom')) return false;
    this.#audience = role === 'audience';
    return this.#newKey('switchRole', byte);
  }

  /** Every bit asked for must be held; none that guards no media is asked about. */
  changeAuthority(byte: number): boolean {
    this.#authority = byte;
    return this.#changed();
  }

  /** An operator takes exactly the bits of a byte. */
  deny(byte: number): boolean {
    this.#denied = byte;
    this.#deniedBefore = false;
    return this.#changed();
  }

  /** The key that is carried expires. */
  expire(): boolean {
    this.#lapsed = !this.#fault.ignoresExpiry;
    return this.#changed();
  }

  /** The tickets that were shown so far are revoked, and those that are `revocable`. */
  revoke(): boolean {
    this.#revoked = true;
    if (!this.#fault.ignoresRevocation) this.leave();
    return true;
  }

  leave(): boolean {
    this.#inside = false;
    this.#unclosed = new Set();
    return true;
  }

  resume(): boolean {
    this.#resumed = true;
    return this.#changed();
  }

  /** The worker dies, and media comes back over new transports. */
  loseWorker(): boolean {
    this.#workerDied = true;
    this.#unclosed = new Set();
    return this.#changed();
  }

  /** Whether packets of a row flow. */
  flows(row: Row): boolean {
    return this.#inside && (this.#allowed(row) || this.#unclosed.has(row));
  }

  #newKey(step: Step, byte: number): boolean {
    const held = this.#handedIn(step, byte);
    if (!has(held, 'enterRoom')) return false;
    this.#held = held;
    this.#lapsed = false;
    return this.#changed();
  }

  #handedIn(step: Step, byte: number): number {
    return this.#fault.allBitsWith === step ? 255 : byte;
  }

  #allowed(row: Row): boolean {
    return rowAllowed(row, (bit) => {
      if (!has(this.#held, bit)) return false;
      if (this.#live && this.#audience && sends(bit)) return false;
      if (!has(this.#authority, bit) && !this.#fault.ignoresAuthority) return false;
      if (has(this.#denied, bit) && !this.#denialIgnored) return false;
      return !(this.#lapsed && sends(bit));
    });
  }

  get #denialIgnored(): boolean {
    if (this.#ignores('resumed')) return this.#resumed;
    if (this.#ignores('entry')) return this.#deniedBefore;
    if (this.#ignores('workerDeath')) return this.#workerDied;
    return this.#ignores('always');
  }

  #ignores(...kinds: readonly Fault['ignoresDenials'][]): boolean {
    const { ignoresDenials } = this.#fault;
    return ignoresDenials !== undefined && kinds.includes(ignoresDenials);
  }

  /** What flows now and is never closed again. */
  #changed(): true {
    const { neverCloses } = this.#fault;
    if (neverCloses)
      for (const row of rows) if (guards(neverCloses, row) && this.#allowed(row)) this.#unclosed.add(row);
    return true;
  }
}
