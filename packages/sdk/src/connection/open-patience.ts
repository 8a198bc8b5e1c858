/** How long a connection attempt may take when nothing is known of the network, in milliseconds. */
const SHORT_MS = 1000;

/** So many attempts are short. Browsers hold back the attempts of a page of which some fifteen failed, for up to five seconds each. */
const SHORT_ATTEMPTS = 8;

/** How long each later attempt may take, and every attempt in a slow network at most, in milliseconds. */
const LONG_MS = 5000;

/** How long an entry that the app waits for may take, in milliseconds. */
const ENTRY_MS = 10_000;

/** How many times as long as the last connection took an attempt may take. */
const MARGIN = 3;

/**
 * How long an attempt to reach the server may take before the next one is made.
 *
 * An attempt whose first packet was lost repeats it after 1, 3, 7, 15 s. A new attempt sends one at once, so short attempts find a
 * network that is back soonest, and attempts of five seconds within two. They must not be so short that none succeeds where the
 * network is slow.
 */
export class OpenPatience {
  #lastMs = 0;

  /** Milliseconds for attempt number `attempt` to come back, from 1. An entry that is no attempt to come back is number 0. */
  of(attempt: number): number {
    if (attempt === 0) return ENTRY_MS;
    const least = attempt <= SHORT_ATTEMPTS ? SHORT_MS : LONG_MS;
    return Math.min(LONG_MS, Math.max(least, MARGIN * this.#lastMs));
  }

  /** A connection was accepted after `ms`. */
  opened(ms: number): void {
    this.#lastMs = ms;
  }
}
