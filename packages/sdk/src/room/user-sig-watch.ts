import type { Emit } from '../events/events.ts';
import type { Timers } from '../platform/platform.ts';

/** Seconds before the end of a UserSig at which the app is told, as the server does for a PrivateMapKey. */
const AHEAD_SECONDS = 30;

/** Browsers keep no timer of more than 24 days, and a computer may sleep: the clock is looked at this often. */
const LOOK_SECONDS = 3600;

/**
 * Tells the app when the UserSig of the next entry is about to expire. Once for each, and not more often than every 30 s, however
 * wrong the clock of this computer is.
 */
export class UserSigWatch {
  readonly #timers: Timers;
  readonly #emit: Emit;
  #toldAt = Number.NEGATIVE_INFINITY;
  #cancel = () => {};

  constructor(timers: Timers, emit: Emit) {
    this.#timers = timers;
    this.#emit = emit;
  }

  /** The UserSig in use now expires then, in unix seconds. */
  watch(expiresAt: number): void {
    this.#look(expiresAt);
  }

  stop(): void {
    this.#cancel();
  }

  #look(expiresAt: number): void {
    this.#cancel();
    const now = this.#timers.unixSeconds();
    const pause = this.#toldAt + AHEAD_SECONDS - this.#timers.now() / 1000;
    const wait = Math.max(expiresAt - AHEAD_SECONDS - now, pause);
    if (wait > 0) {
      this.#cancel = this.#timers.after(Math.min(wait, LOOK_SECONDS) * 1000, () => this.#look(expiresAt));
      return;
    }
    this.#toldAt = this.#timers.now() / 1000;
    const secondsLeft = Math.max(0, Math.floor(expiresAt - now));
    this.#emit('user-sig-will-expire', { expiresAt, secondsLeft });
  }
}
