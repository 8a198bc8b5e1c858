import type { Slot } from '@roomkey/tickets/permissions';
import type { Clock } from '../../ports/index.ts';
import type { Member } from './member.ts';

/** Milliseconds for which a slot stays shut. */
const SHUT_MS = 10_000;

/**
 * What the server has shut for a while: slots whose track sent too much, and slots of others of which a receiver asked too many
 * key frames. A user finds them shut who leaves and enters again, and also when the room ended meanwhile.
 */
export class ShutSlots {
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** Until when, by the monotonic clock; who was shut first ends first. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.#clock = clock;
  }

  /** Shuts a slot of a member in a room; with `from`, a slot of that user, which the member receives. */
  shut(room: string, { userId }: Member, slot: Slot, from?: string): void {
    this.#forgetOpen();
    const key = keyOf(room, userId, slot, from);
    this.#until.delete(key);
    this.#until.set(key, this.#clock.elapsed() + SHUT_MS);
  }

  isShut(room: string, { userId }: Member, slot: Slot, from?: string): boolean {
    if (this.#until.size === 0) return false;
    this.#forgetOpen();
    return this.#until.has(keyOf(room, userId, slot, from));
  }

  #forgetOpen(): void {
    const now = this.#clock.elapsed();
    for (const [key, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(key);
    }
  }
}

/** No room and no user has a line end in its name. */
const keyOf = (room: string, userId: string, slot: Slot, from = ''): string =>
  [room, userId, slot, from].join('\n');
