import { expect, test } from 'vitest';
import { UnwrittenUsage } from './unwritten-usage.ts';

const amount = { day: 1, fiveMinutes: 2, sdkAppId: 7, room: 'n:1', core: 10, outer: 1 };

test('rooms of two applications, and numeric and text names, are kept apart', () => {
  const unwritten = new UnwrittenUsage();
  const all = [amount, { ...amount, sdkAppId: 8 }, { ...amount, room: 's:1' }, { ...amount, fiveMinutes: 3 }];
  for (const one of all) unwritten.add(one);
  expect(unwritten.take(10)).toEqual(all);
  expect([unwritten.size, unwritten.take(10)]).toEqual([0, []]);
});

test('what cannot be written is added again to what came meanwhile', () => {
  const unwritten = new UnwrittenUsage();
  unwritten.add(amount);
  const [taken = amount] = unwritten.take(1);
  unwritten.add({ ...amount, core: 5 });
  unwritten.add(taken);
  expect(unwritten.take(10)).toEqual([{ ...amount, core: 15, outer: 2 }]);
});

test('no more rows wait than there may be: what has a row goes on counting, the rest is told as lost', () => {
  const unwritten = new UnwrittenUsage(2);
  for (const room of ['n:1', 'n:2', 'n:3', 'n:1']) unwritten.add({ ...amount, room });
  expect([unwritten.size, unwritten.takeLost(), unwritten.takeLost()]).toEqual([2, 11, 0]);
  expect(unwritten.take(1)).toEqual([{ ...amount, core: 20, outer: 2 }]);
});
