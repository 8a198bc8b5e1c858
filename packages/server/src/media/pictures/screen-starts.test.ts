import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ScreenStarts } from './screen-starts.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a screen that stops soon after it began is tried more seldom, until it lasts for ten seconds', () => {
  const starts = new ScreenStarts();
  const afterFlowing = (ms: number) => {
    starts.flows();
    vi.advanceTimersByTime(ms);
    starts.stopped();
    return starts.probeMs;
  };
  expect(starts.probeMs).toBe(2000);
  expect([3000, 9999, 3000, 3000].map(afterFlowing)).toEqual([4000, 8000, 8000, 8000]);
  expect(afterFlowing(10_000)).toBe(2000);
});

test('a screen that flows with other layers does not begin, and one that stops twice stops once', () => {
  const starts = new ScreenStarts();
  expect([starts.flows(), starts.flows()]).toEqual([true, false]);
  for (let stops = 0; stops < 3; stops++) starts.stopped();
  expect(starts.probeMs).toBe(4000);
  expect(starts.flows()).toBe(true);
});
