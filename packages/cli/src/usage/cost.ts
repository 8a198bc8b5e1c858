/** What 1,000 minutes cost, in whatever currency. */
export interface Prices {
  readonly core: number;
  readonly outer: number;
}

/** How long members were on each tier, in milliseconds. */
export interface Time {
  readonly core: number;
  readonly outer: number;
}

/** What time cost, and what it would have cost had everybody been on core. */
export interface Cost {
  readonly cost: number;
  readonly allOnCore: number;
}

const MINUTE_MS = 60_000;

export const minutesOf = (milliseconds: number): number => milliseconds / MINUTE_MS;

/** What time cost at some prices. */
export function costOf({ core, outer }: Time, prices: Prices): Cost {
  const thousands = (milliseconds: number): number => minutesOf(milliseconds) / 1000;
  return {
    cost: thousands(core) * prices.core + thousands(outer) * prices.outer,
    allOnCore: thousands(core + outer) * prices.core,
  };
}

/** The time of some rows together. */
export const totalOf = (rows: readonly Time[]): Time => ({
  core: rows.reduce((sum, { core }) => sum + core, 0),
  outer: rows.reduce((sum, { outer }) => sum + outer, 0),
});
