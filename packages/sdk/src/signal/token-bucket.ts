import type { Timers } from '../platform/platform.ts';

/** Counts what may happen at a rate. Until a rate is set, everything may. */
export class TokenBucket {
  readonly #timers: Timers;
  #perSecond = 0;
  #burst = Number.POSITIVE_INFINITY;
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Lets `burst` things happen at once and `perSecond` on average. What was counted before stays counted. */
  setRate(perSecond: number, burst: number): void {
    this.#fill();
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  /** Takes one token and returns 0, or takes none and returns the milliseconds until there is one. */
  take(): number {
    this.#fill();
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
    this.#tokens -= 1;
    return 0;
  }

  /** Takes one token by all means; what there was not is owed. */
  count(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  #fill(): void {
    const now = this.#timers.now();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(filled, this.#burst);
    this.#filledAt = now;
  }
}
