import { CautiousTime } from '../cautious-time.ts';
import type { Clock, UsageStore } from '../ports/index.ts';
import { dayOf } from './five-minutes.ts';

const HOUR_MS = 3_600_000;

/** Deletes usage that is older than a number of days: at the start, and every hour after that. */
export class UsageRetention {
  readonly #store: Pick<UsageStore, 'prune'>;
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly #days: number;
  readonly #cautious: CautiousTime;
  #due = 0;

  /** `knownTime`: a time that was before this process began, unix milliseconds. */
  constructor(
    store: Pick<UsageStore, 'prune'>,
    clock: Pick<Clock, 'now' | 'elapsed'>,
    { days, knownTime }: { readonly days: number; readonly knownTime: number | undefined },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#days = days;
    this.#cautious = new CautiousTime(clock, knownTime);
    this.#due = clock.elapsed();
  }

  /**
   * Deletes what is due, in steps, until nothing is left. It waits for `turn` after each, and ends early when that resolves with false.
   * A wall clock that somebody has just set ahead deletes nothing. Rejects with the store's error.
   */
  async prune(turn: () => Promise<boolean>): Promise<void> {
    const now = this.#cautious.now();
    if (now === undefined || this.#clock.elapsed() < this.#due) return;
    while (await this.#store.prune(dayOf(now) - this.#days)) if (!(await turn())) return;
    this.#due = this.#clock.elapsed() + HOUR_MS;
  }
}
