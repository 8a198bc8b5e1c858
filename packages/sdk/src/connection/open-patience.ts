/** How long a connection attempt may take when nothing is known of the network, in milliseconds. */
const USUAL_MS = 1000;

/** Every so many attempts one gets more time. */
const LONG_EVERY = 5;

/** How long that one may take, in milliseconds: the network may have become slower than it ever was here. */
const LONG_MS = 5000;

/** No attempt is waited for longer, in milliseconds. */
const MAX_MS = 10_000;

/** How many times as long as the last connection took an attempt may take. */
const MARGIN = 3;

/**
 * How long an attempt to reach the server may take before the next one is made.
 *
 * An attempt whose first packet was lost repeats it after 1, 3, 7, 15 s. A new attempt sends one at once, so short attempts find a
 * network that is back soonest. They must not be so short that none succeeds where the network is slow.
 */
export class OpenPatience {
  #lastMs = 0;

  /** Milliseconds for attempt number `attempt` to come back, from 1. An entry that is no attempt to come back is number 0. */
  of(attempt: number): number {
    if (attempt === 0) return MAX_MS;
    const least = attempt % LONG_EVERY === 0 ? LONG_MS : USUAL_MS;
    return Math.min(MAX_MS, Math.max(least, MARGIN * this.#lastMs));
  }

  /** A connection was accepted after `ms`. */
  opened(ms: number): void {
    this.#lastMs = ms;
  }
}
