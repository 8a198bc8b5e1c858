import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ScreenFlow } from './screen-flow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a screen that stops begins again at once, and waits longer each time that it stops within ten seconds', () => {
  const flow = new ScreenFlow();
  const afterFlowing = (ms: number) => {
    flow.flows(0, 1);
    vi.advanceTimersByTime(ms);
    return flow.stopped();
  };
  expect([3000, 9999, 3000, 3000, 1, 1, 1, 1].map(afterFlowing)).toEqual([
    0, 2000, 4000, 8000, 16_000, 32_000, 32_000, 32_000,
  ]);
  expect([10_000, 100].map(afterFlowing)).toEqual([0, 2000]);
});

test('one that does not flow does not stop', () => {
  const flow = new ScreenFlow();
  expect(flow.stopped()).toBe(undefined);
  flow.flows(0, 1);
  expect([flow.stopped(), flow.stopped()]).toEqual([0, undefined]);
});

test('a screen is lowered when it gets less than it may, not when it may get no more', () => {
  const flow = new ScreenFlow();
  expect([flow.flows(1, 1), flow.flows(1, 1), flow.flows(0, 1), flow.flows(0, 1), flow.flows(1, 1)]).toEqual([
    'begins',
    'on',
    'lowered',
    'on',
    'on',
  ]);
  expect(flow.flows(0, 0)).toBe('on');
});
