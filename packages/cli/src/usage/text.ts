import type { DayUsageView } from '@roomkey/protocol';
import { textTable } from '../terminal/table.ts';
import { roomText } from '../terminal/value-text.ts';
import { costOf, minutesOf, type Prices, type Time, totalOf } from './cost.ts';

/** A number with at least and at most so many digits behind the point. */
const numberText = (value: number, least: number, most: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: least, maximumFractionDigits: most });

/** Minutes by day, application and room, and all together; with prices also what they cost. */
export function usageText(rows: readonly DayUsageView[], prices: Prices | undefined): string {
  if (rows.length === 0) return 'There is no usage in these days.';
  const figures = (time: Time): string[] => {
    const minutes = [time.core, time.outer].map((tier) => numberText(minutesOf(tier), 1, 1));
    if (!prices) return minutes;
    const { cost, allOnCore } = costOf(time, prices);
    return [...minutes, numberText(cost, 2, 4), numberText(allOnCore, 2, 4)];
  };
  return textTable([
    ['DAY', 'SDKAPPID', 'CORE', 'OUTER', ...(prices ? ['COST', 'ALL ON CORE'] : []), 'ROOM'],
    ...rows.map((row) => [row.day, String(row.sdkAppId), ...figures(row), roomText(row.room)]),
    ['total', '-', ...figures(totalOf(rows)), '-'],
  ]);
}

/** A number without the noise that binary fractions have behind its last digits. */
const plain = (value: number): number => Number(value.toFixed(6));

/** The same as JSON: minutes and costs as numbers. */
export function usageJson(rows: readonly DayUsageView[], prices: Prices | undefined): object {
  const figures = (time: Time) => {
    const minutes = { coreMinutes: plain(minutesOf(time.core)), outerMinutes: plain(minutesOf(time.outer)) };
    if (!prices) return minutes;
    const { cost, allOnCore } = costOf(time, prices);
    return { ...minutes, cost: plain(cost), allOnCore: plain(allOnCore) };
  };
  return {
    days: rows.map((row) => ({ day: row.day, sdkAppId: row.sdkAppId, room: row.room, ...figures(row) })),
    total: figures(totalOf(rows)),
    ...(prices ? { prices } : {}),
  };
}
