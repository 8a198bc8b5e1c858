import type { types } from 'mediasoup';
import { engineMs } from './engine-clock.ts';
import type { Forwarding } from './forwarding.ts';
import type { KeyFrameGuard } from './key-frame-guard.ts';
import type { KeyFrameTurns } from './key-frame-turns.ts';
import type { WaitingReceivers } from './waiting-receivers.ts';

/** So long a receiver waits that costs too much, unless others wait already, in ms. */
const WAIT_MS = 2_000;

/** What the limit of one consumer works with. */
interface Parts {
  readonly forwarding: Pick<Forwarding, 'hold' | 'release'>;
  /** Of the receiver and the track, whatever consumer it has. */
  readonly guard: KeyFrameGuard;
  /** The receivers of the track that cost too much. */
  readonly waits: WaitingReceivers;
  readonly turns: Pick<KeyFrameTurns, 'wait'>;
  /** The receiver asks for more than anybody needs. Called once. */
  readonly exceeded: () => void;
}

/**
 * Lets a receiver wait until the sender may be asked for a key frame, and longer when it costs the sender key frames too often: by asking
 * for them, by beginning to receive, or by wishing for another encoding. The engine tells of each request: so it costs what is asked
 * for, and nothing where nobody asks.
 */
export class KeyFrameLimit {
  readonly #parts: Parts;
  #hasBegun = false;
  #isHeld = false;
  #change: (() => Promise<unknown>) | undefined;
  readonly #undos = new Set<() => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Listens to what the receiver asks. */
  watch(consumer: types.Consumer): void {
    const { guard, exceeded } = this.#parts;
    const heard = ({ timestamp }: types.ConsumerTraceEventData) => {
      // By the engine's clock: requests that waited for this process did not come all at once.
      const verdict = guard.asked(timestamp, this.#isHeld);
      if (verdict === 'exceeded') {
        consumer.off('trace', heard);
        exceeded();
      } else if (verdict === 'wait') {
        this.#hold();
      }
    };
    consumer.on('trace', heard);
    // Nobody waits for it. When it fails, so does what is asked next, and that is heard.
    consumer.enableTraceEvent(['pli', 'fir']).catch(() => {});
  }

  /** To be called before the receiver begins. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { guard, turns, forwarding } = this.#parts;
    if (guard.begins(engineMs()) === 'wait') this.#hold();
    else if (this.#waitsForTurn(() => forwarding.release(turns))) forwarding.hold(turns);
  }

  /**
   * Says to the engine which encoding the receiver is to get; `isOther`: not the one that was said before. That costs a key frame once it
   * has begun. Resolves with the answer, or at once when it has to wait; of what waits the newest is said, and its answer is not heard.
   */
  async change(job: () => Promise<unknown>, isOther: boolean): Promise<void> {
    if (!this.#change && !this.#changesLater(isOther)) {
      await job();
      return;
    }
    this.#change = job;
  }

  /** The consumer has ended: nothing waits any more. */
  stop(): void {
    for (const undo of this.#undos) undo();
    this.#undos.clear();
  }

  #changesLater(isOther: boolean): boolean {
    if (!isOther || !this.#hasBegun) return false;
    const say = () => {
      this.#change?.().catch(() => {});
      this.#change = undefined;
    };
    if (this.#parts.guard.begins(engineMs()) === 'fine') return this.#waitsForTurn(say);
    this.#wait(say);
    return true;
  }

  /** It gets nothing that it could decode until the next key frame; paused, it asks the sender for none. */
  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    const { forwarding, guard } = this.#parts;
    const goOn = () => {
      this.#isHeld = false;
      guard.goesOn(engineMs());
      forwarding.release();
    };
    forwarding.hold();
    this.#wait(() => {
      if (!this.#waitsForTurn(goOn)) goOn();
    });
  }

  #wait(job: () => void): void {
    const undo = this.#parts.waits.add(WAIT_MS, () => {
      this.#undos.delete(undo);
      job();
    });
    this.#undos.add(undo);
  }

  /** False when the sender may be asked now; then the job is not done. */
  #waitsForTurn(job: () => void): boolean {
    const undo = this.#parts.turns.wait(() => {
      if (undo) this.#undos.delete(undo);
      job();
    });
    if (undo) this.#undos.add(undo);
    return undo !== undefined;
  }
}
