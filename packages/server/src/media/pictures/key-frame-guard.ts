/** So many requests within a second are still honest: a browser that has lost pictures asks five times a second. */
const MOST_PER_SECOND = 10;
/** Requests this close together are one, in ms: some receivers say it twice, and it costs the sender nothing more. */
const SAME_MS = 5;
/** Requests that a receiver may make in a row, and how many more it may make per second. */
const STORE = 5;
const PER_SECOND = 1;

/**
 * What a request means: it is `fine`; the receiver has asked so often that it has to `wait`, because each key frame costs all who
 * receive the track; it has `exceeded` what anybody needs.
 */
type Verdict = 'fine' | 'wait' | 'exceeded';

/** Counts the key frames that one receiver asks for. Times are in ms of a monotonic clock. */
export class KeyFrameGuard {
  readonly #askedAt: number[] = [];
  #store = STORE;
  #storedAt = 0;

  asked(ms: number): Verdict {
    const before = this.#askedAt.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (ms - before < SAME_MS) return 'fine';
    this.#askedAt.push(ms);
    if (this.#askedAt.length > MOST_PER_SECOND) {
      const first = this.#askedAt.shift() ?? ms;
      if (ms - first < 1000) return 'exceeded';
    }
    this.#store = Math.min(STORE, this.#store + ((ms - this.#storedAt) * PER_SECOND) / 1000);
    this.#storedAt = ms;
    if (this.#store < 1) return 'wait';
    this.#store--;
    return 'fine';
  }
}
