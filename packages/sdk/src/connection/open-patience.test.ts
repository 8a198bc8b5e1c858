import { expect, test } from 'vitest';
import { OpenPatience } from './open-patience.ts';

test('an attempt has a second, and each fifth has five', () => {
  const patience = new OpenPatience();
  const ms = Array.from({ length: 10 }, (_, index) => patience.of(index + 1));
  expect(ms).toEqual([1000, 1000, 1000, 1000, 5000, 1000, 1000, 1000, 1000, 5000]);
});

test('after a connection that took longer each attempt has three times as long, up to ten seconds', () => {
  const patience = new OpenPatience();
  patience.opened(600);
  expect([patience.of(1), patience.of(5)]).toEqual([1800, 5000]);
  patience.opened(4000);
  expect([patience.of(1), patience.of(5)]).toEqual([10_000, 10_000]);
  patience.opened(100);
  expect(patience.of(1)).toBe(1000);
});

test('an entry that the app waits for has ten seconds', () => {
  expect(new OpenPatience().of(0)).toBe(10_000);
});
