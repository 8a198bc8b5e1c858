import { expect, test } from 'vitest';
import { ReturnPace } from './return-pace.ts';

/** Waits of a member each of whose returns holds for so long, in milliseconds. */
function waits(pace: ReturnPace, ...held: readonly number[]): number[] {
  let now = 0;
  return held.map((ms) => {
    pace.returned(now);
    now += ms;
    return pace.lost(now);
  });
}

test('who was not away before waits for nothing', () => {
  expect(new ReturnPace().lost(0)).toBe(0);
});

test('each return that does not hold makes the next wait twice as long, up to ten seconds', () => {
  expect(waits(new ReturnPace(() => 0), 1, 9999, 1, 1, 1, 1)).toEqual([
    1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
});

test('a return that held for ten seconds begins anew', () => {
  expect(waits(new ReturnPace(() => 0), 1, 1, 10_000, 1)).toEqual([1000, 2000, 0, 1000]);
});

test('a random part makes waits longer by up to a half', () => {
  expect(waits(new ReturnPace(() => 1), 1, 1)).toEqual([1500, 3000]);
});
