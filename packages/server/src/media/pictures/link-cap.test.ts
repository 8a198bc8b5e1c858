import { expect, test } from 'vitest';
import { nextCap, probeBitrate } from './link-cap.ts';

test('a link is probed with somewhat more than a picture needs, each time with another cap', () => {
  const first = probeBitrate(300_000, undefined);
  expect(first).toBe(390_000);
  const second = probeBitrate(300_000, first);
  expect(second).toBeGreaterThan(first);
  expect(probeBitrate(300_000, second)).toBe(first);
});

test('it is not probed with packets that are too small to be reported', () => {
  expect(probeBitrate(5000, undefined)).toBe(325_000);
});

test('nor with more than a link is believed to carry at first', () => {
  expect(probeBitrate(8_000_000, undefined)).toBe(1_950_000);
});

test('the cap doubles as long as the link is believed to carry about as much, until there is none', () => {
  expect(nextCap(100_000, 95_000)).toBe(200_000);
  expect(nextCap(100_000, 70_000)).toBe(100_000);
  expect(nextCap(1_600_000, 30_000)).toBeUndefined();
});
