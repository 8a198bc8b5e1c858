import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Recent } from './recent.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('many who want to know within the time cost one question', async () => {
  let asked = 0;
  const recent = new Recent(1_000, async () => ++asked);
  expect(await Promise.all(Array.from({ length: 100 }, () => recent.get()))).toEqual(Array(100).fill(1));
  vi.advanceTimersByTime(999);
  expect(await recent.get()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await recent.get()).toBe(2);
});

test('a failure is told to who asked, and not kept', async () => {
  let asked = 0;
  const recent = new Recent(1_000, async () => {
    if (++asked === 1) throw new Error('no answer');
    return asked;
  });
  await expect(recent.get()).rejects.toThrow('no answer');
  expect(await recent.get()).toBe(2);
});
