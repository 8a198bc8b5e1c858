import type { ReconnectPolicy } from '../calls/options.ts';

/**
 * At least one attempt a second at first: whoever comes back into a network shall be back in the room at once. Later ones spare a
 * server that is really away, and browsers hold back a page with many failed attempts.
 */
const DEFAULT_DELAYS: readonly number[] = [100, 300, ...Array(8).fill(650), ...Array(60).fill(1500)];

/** A list of delays, each stretched by a random part so that a room's members do not all return in one instant. */
export class DelayListPolicy implements ReconnectPolicy {
  readonly #delays: readonly number[];
  readonly #random: () => number;

  /** `delays` in milliseconds; the default tries for about two minutes, or five where nothing is heard at all. `random` yields 0 to 1. */
  constructor(delays: readonly number[] = DEFAULT_DELAYS, random: () => number = Math.random) {
    this.#delays = delays;
    this.#random = random;
  }

  delayBefore(attempt: number): number | null {
    const delay = this.#delays[attempt - 1];
    return delay === undefined ? null : delay * (1 + this.#random() / 2);
  }
}
