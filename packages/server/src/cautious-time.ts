import type { Clock } from './ports/index.ts';

const DAY_MS = 86_400_000;
/** So far ahead the wall clock may be and is believed at once: it is corrected by a little all the time. */
const SLACK_MS = 60_000;
/** So long nobody may have looked at the time before this process began. What is deleted so much too early was over for a day. */
const START_SLACK_MS = 3_600_000;

/**
 * The time, for what deletes what is over. A wall clock that somebody set ahead is believed after a day, measured by the
 * monotonic clock; until then there is no such time. One that is set back is believed at once.
 */
export class CautiousTime {
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  /** What the wall clock was ahead of the monotonic one, from when on (monotonic); rising. */
  readonly #ahead: { readonly since: number; readonly by: number }[];

  /** `known`: a time (unix milliseconds) that was before this process began. Default: what the wall clock says now. */
  constructor(clock: Pick<Clock, 'now' | 'elapsed'>, known: number = clock.now()) {
    this.#clock = clock;
    const since = clock.elapsed();
    const now = clock.now();
    this.#ahead = [{ since, by: (now - known > START_SLACK_MS ? known : now) - since }];
  }

  /** What the wall clock says, unix milliseconds; undefined while it is not believed. */
  now(): number | undefined {
    const { now, believed } = this.look();
    return now === believed ? now : undefined;
  }

  /** What the wall clock says, and the time that it is as far as it is believed: less while the wall clock is not, unix milliseconds. */
  look(): { readonly now: number; readonly believed: number } {
    const now = this.#clock.now();
    const elapsed = this.#clock.elapsed();
    const by = now - elapsed;
    let since = elapsed;
    // What was as far ahead or further is not the least of any day to come.
    for (let last = this.#ahead.at(-1); last && last.by >= by; last = this.#ahead.at(-1)) {
      since = last.since;
      this.#ahead.pop();
    }
    this.#ahead.push({ since, by });
    // One says what was until the next begins.
    while ((this.#ahead[1]?.since ?? elapsed) <= elapsed - DAY_MS) this.#ahead.shift();
    const least = this.#ahead[0]?.by ?? by;
    return { now, believed: by - least <= SLACK_MS ? now : Math.floor(least + elapsed) };
  }
}
