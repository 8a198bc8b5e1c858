import { expect, test } from 'vitest';
import { OpenPatience } from './open-patience.ts';

test('eight attempts have a second each, later ones five', () => {
  const patience = new OpenPatience();
  expect([1, 2, 8, 9, 100].map((attempt) => patience.of(attempt))).toEqual([1000, 1000, 1000, 5000, 5000]);
});

test('after a connection that took longer each attempt has three times as long, up to five seconds', () => {
  const patience = new OpenPatience();
  patience.opened(600);
  expect([patience.of(1), patience.of(9)]).toEqual([1800, 5000]);
  patience.opened(4000);
  expect([patience.of(1), patience.of(9)]).toEqual([5000, 5000]);
  patience.opened(100);
  expect(patience.of(1)).toBe(1000);
});

test('an entry that the app waits for has ten seconds', () => {
  expect(new OpenPatience().of(0)).toBe(10_000);
});
