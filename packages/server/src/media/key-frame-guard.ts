/** So many requests within a second are still honest: a browser that has lost pictures asks five times a second. */
const MOST_PER_SECOND = 10;
/** Requests this close together are one, in ms: some receivers say it twice, and it costs the sender nothing more. */
const SAME_MS = 5;

/** Counts the key frames that one receiver asks for. */
export class KeyFrameGuard {
  readonly #askedAt: number[] = [];

  /** One was asked for, at `ms` of a monotonic clock; says whether it was one too many within a second. */
  asked(ms: number): boolean {
    if (ms - (this.#askedAt.at(-1) ?? Number.NEGATIVE_INFINITY) < SAME_MS) return false;
    this.#askedAt.push(ms);
    if (this.#askedAt.length <= MOST_PER_SECOND) return false;
    const first = this.#askedAt.shift() ?? ms;
    return ms - first < 1000;
  }
}
