import { expect, test } from 'vitest';
import { restartWait } from './worker-pool.ts';

test('a restart does not wait, until lives are short again and again', () => {
  expect([0, 1, 2, 3, 4].map(restartWait)).toEqual([0, 0, 200, 400, 800]);
});

test('the wait never exceeds ten seconds', () => {
  expect(restartWait(100)).toBe(10_000);
});
