/** Who is back for this long, in milliseconds, is back. */
const HELD_MS = 10_000;

/** The first wait after a return that did not hold, in milliseconds; each further one is twice as long, up to the longest. */
const FIRST_MS = 1000;
const LONGEST_MS = 10_000;

/**
 * How long a member waits because it came back before and was soon gone again. Each attempt alone succeeded, so the delays between
 * attempts that fail say nothing of it: a server that takes members in and drops them would be asked by all of them, again and again.
 */
export class ReturnPace {
  readonly #random: () => number;
  #returnedAt = Number.NEGATIVE_INFINITY;
  /** Returns in a row that did not hold. */
  #short = 0;

  /** `random` yields 0 to 1: the members of a room shall not all return in one instant. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The member is back, at this time in milliseconds. */
  returned(now: number): void {
    this.#returnedAt = now;
  }

  /** It is gone again. How many milliseconds the first attempt waits at least; longer by up to a half. */
  lost(now: number): number {
    this.#short = now - this.#returnedAt < HELD_MS ? this.#short + 1 : 0;
    if (this.#short === 0) return 0;
    return Math.min(FIRST_MS * 2 ** (this.#short - 1), LONGEST_MS) * (1 + this.#random() / 2);
  }
}
