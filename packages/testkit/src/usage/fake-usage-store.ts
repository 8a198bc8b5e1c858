import {
  type DayUsage,
  type FiveMinuteUsage,
  StoreError,
  type UsageFilter,
  type UsagePlace,
  type UsageStore,
} from '@roomkey/server/ports';

/** Usage in memory. */
export class FakeUsageStore implements UsageStore {
  /** How many rows were given to each call of `add`. */
  readonly written: number[] = [];
  #rows = new Map<string, FiveMinuteUsage>();
  #isFailing = false;

  /** Lets every later change fail, or no longer. */
  fail(isFailing = true): void {
    this.#isFailing = isFailing;
  }

  /** What is kept, the oldest first. */
  get rows(): readonly FiveMinuteUsage[] {
    return [...this.#rows.values()].sort((a, b) => compare(a, b) || a.fiveMinutes - b.fiveMinutes);
  }

  async add(amounts: readonly FiveMinuteUsage[]): Promise<void> {
    this.#refuse();
    this.written.push(amounts.length);
    for (const amount of amounts) {
      const { day, sdkAppId, room, fiveMinutes, core, outer } = amount;
      const key = JSON.stringify([day, sdkAppId, room, fiveMinutes]);
      const kept = this.#rows.get(key) ?? { core: 0, outer: 0 };
      this.#rows.set(key, { ...amount, core: kept.core + core, outer: kept.outer + outer });
    }
  }

  async list(
    { from, to, sdkAppId, room }: UsageFilter,
    { after, limit }: { readonly after?: UsagePlace | undefined; readonly limit: number },
  ): Promise<{ rows: DayUsage[]; next: UsagePlace | undefined }> {
    const days = new Map<string, DayUsage>();
    for (const { fiveMinutes, ...row } of this.rows) {
      if (row.day < from || row.day > to || (after && compare(row, after) <= 0)) continue;
      if (sdkAppId !== undefined && row.sdkAppId !== sdkAppId) continue;
      if (room !== undefined && row.room !== room) continue;
      const key = JSON.stringify([row.day, row.sdkAppId, row.room]);
      const { core, outer } = days.get(key) ?? { core: 0, outer: 0 };
      days.set(key, { ...row, core: core + row.core, outer: outer + row.outer });
    }
    const [first, ...others] = [...days.values()];
    if (!first) return { rows: [], next: undefined };
    const rows = [first, ...others].filter(({ day }) => day === first.day).slice(0, limit);
    return { rows, next: rows.length < days.size ? rows.at(-1) : undefined };
  }

  async prune(before: number): Promise<boolean> {
    this.#refuse();
    this.#rows = new Map([...this.#rows].filter(([, { day }]) => day >= before));
    return false;
  }

  #refuse(): void {
    if (this.#isFailing) throw new StoreError('full', 'roomkey.db cannot grow: the disk is full.');
  }
}

function compare(a: UsagePlace, b: UsagePlace): number {
  if (a.day !== b.day) return a.day - b.day;
  if (a.sdkAppId !== b.sdkAppId) return a.sdkAppId - b.sdkAppId;
  return a.room === b.room ? 0 : a.room < b.room ? -1 : 1;
}
