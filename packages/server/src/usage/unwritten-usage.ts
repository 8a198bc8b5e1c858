import type { FiveMinuteUsage } from '../ports/index.ts';

/** Most rows that wait: a store that fails for long fills no memory. They take about 60 MB. */
const MOST = 200_000;

type Row = { -readonly [K in keyof FiveMinuteUsage]: FiveMinuteUsage[K] };

/** Usage that the store does not hold yet, one row for each room and five minutes. */
export class UnwrittenUsage {
  readonly #rows = new Map<string, Row>();
  readonly #most: number;
  #lost = 0;

  /** `most`: rows that are held at most; what would need one more is lost. */
  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** Rows that wait. */
  get size(): number {
    return this.#rows.size;
  }

  /** Milliseconds of members that were lost since this was asked last, for want of a row. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Adds to the row of the same room and five minutes. */
  add(amount: FiveMinuteUsage): void {
    const { day, fiveMinutes, sdkAppId, room, core, outer } = amount;
    if (core === 0 && outer === 0) return;
    const key = `${day} ${fiveMinutes} ${sdkAppId} ${room}`;
    const row = this.#rows.get(key);
    if (row) {
      row.core += core;
      row.outer += outer;
    } else if (this.#rows.size < this.#most) this.#rows.set(key, { ...amount });
    else this.#lost += core + outer;
  }

  /** Takes out the rows that have waited longest, at most so many. Who cannot write them adds them again. */
  take(most: number): FiveMinuteUsage[] {
    const taken: FiveMinuteUsage[] = [];
    for (const [key, row] of this.#rows) {
      if (taken.length >= most) break;
      this.#rows.delete(key);
      taken.push(row);
    }
    return taken;
  }
}
