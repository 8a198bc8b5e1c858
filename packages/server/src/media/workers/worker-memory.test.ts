import { expect, test } from 'vitest';
import { isFull, memoryShare } from './worker-memory.ts';

test.each([
  [1000, false, false],
  [1001, false, true],
  [950, true, true],
  [900, true, false],
])('a worker with %i of 1000 bytes that was full before (%s) is full: %s', (used, wasFull, is) => {
  expect(isFull({ used, limit: 1000 }, wasFull)).toBe(is);
});

test('all workers together leave a part of the memory to others', () => {
  expect(memoryShare(4)).toBe(Math.floor(memoryShare(1) / 4));
  expect(memoryShare(1)).toBeLessThan(process.constrainedMemory() || Number.POSITIVE_INFINITY);
  expect(memoryShare(1)).toBeGreaterThan(0);
});
