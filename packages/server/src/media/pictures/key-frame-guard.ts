import { KEY_FRAME_EVERY_MS } from './key-frame-turns.ts';

/** So many requests within a second are still honest: a browser that has lost pictures asks five times a second. */
const MOST_PER_SECOND = 10;
/** Requests this close together are one, in ms: some receivers say it twice, and it costs the sender nothing more. */
const SAME_MS = 5;
/** Key frames that a receiver may cost in a row, and how many more it may cost per second. */
const STORE = 5;
const PER_SECOND = 1;

/**
 * What a request means: it is `fine`; the receiver has asked so often that it has to `wait`, because each key frame costs all who
 * receive the track; it has `exceeded` what anybody needs.
 */
type Verdict = 'fine' | 'wait' | 'exceeded';

/**
 * Counts the key frames that one receiver costs: those that it asks for, and those that the sender is asked for on its behalf. However
 * many it wants, the sender is asked twice a second at most for each encoding. Times are in ms of one monotonic clock.
 */
export class KeyFrameGuard {
  readonly #askedAt: number[] = [];
  #store = STORE;
  #storedAt = 0;
  /** When the sender is, or was, asked for the last key frame that was counted. */
  #countedFor = Number.NEGATIVE_INFINITY;

  /** The receiver asked. `isHeld`: it is sent nothing for now, so the sender is not asked either. */
  asked(ms: number, isHeld = false): Verdict {
    const before = this.#askedAt.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (ms - before < SAME_MS) return 'fine';
    this.#askedAt.push(ms);
    if (this.#askedAt.length > MOST_PER_SECOND) {
      const first = this.#askedAt.shift() ?? ms;
      if (ms - first < 1000) return 'exceeded';
    }
    return isHeld ? 'fine' : this.#take(ms);
  }

  /** The receiver is about to begin, or to get another encoding: the sender is asked for a key frame then. */
  begins(ms: number): 'wait' | 'fine' {
    return this.#take(ms);
  }

  /**
   * The receiver has waited and goes on, with a key frame. A large picture takes seconds to come over a narrow link, and a browser asks
   * again meanwhile: if it had to wait again at once, it would never have a whole picture.
   */
  goesOn(ms: number): void {
    this.#store = STORE;
    this.#take(ms);
  }

  #take(ms: number): 'wait' | 'fine' {
    if (ms < this.#countedFor) return 'fine';
    // What the receiver asked is heard a little later than it was asked.
    const passed = Math.max(0, ms - this.#storedAt);
    this.#store = Math.min(STORE, this.#store + (passed * PER_SECOND) / 1000);
    this.#storedAt += passed;
    if (this.#store < 1) return 'wait';
    this.#store--;
    this.#countedFor = Math.max(ms, this.#countedFor + KEY_FRAME_EVERY_MS);
    return 'fine';
  }
}
