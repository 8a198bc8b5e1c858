import { afterEach, expect, test, vi } from 'vitest';
import { day } from './values.ts';

afterEach(() => void vi.useRealTimers());

test('a day is named, or counted back from today in UTC', () => {
  vi.useFakeTimers({ now: Date.parse('2026-03-01T00:30:00+01:00') });
  expect(['2024-02-29', '0d', '1d', '28d'].map(day)).toEqual([
    '2024-02-29',
    '2026-02-28',
    '2026-02-27',
    '2026-01-31',
  ]);
});

test.each(['2026-02-29', '2026-13-01', '2026-1-1', '20260101', '2026-01-01T00:00:00Z', 'today', '-1d', ''])(
  '%j is no day',
  (text) => {
    expect(() => day(text)).toThrow(/day like/);
  },
);
