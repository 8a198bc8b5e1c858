import { expect, test } from 'vitest';
import { Batches } from './batches.ts';

/** One turn of the event loop does 500 units. */
const many = Array.from({ length: 1200 }, (_, index) => index);

test('what fits into a turn is done at once', () => {
  const batches = new Batches();
  const done: number[] = [];
  expect(batches.close([1, 2, 3], (item) => done.push(item))).toBeUndefined();
  batches.open([4, 5], (item) => done.push(item));
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('of many some are done at once, and the others in their order, with turns of the event loop between', async () => {
  const batches = new Batches();
  const done: (number | string)[] = [];
  const all = batches.close(many, (item) => done.push(item));
  expect(done).toEqual(many.slice(0, 500));
  setImmediate(() => done.push('somebody else'));
  await all;
  expect(done.filter((one) => one !== 'somebody else')).toEqual(many);
  expect(done.indexOf('somebody else')).toBeLessThan(1100);
});

test('an item counts as much work as it says', async () => {
  const batches = new Batches();
  const done: number[] = [];
  const all = batches.close(
    many.slice(0, 20),
    (item) => done.push(item),
    () => 100,
  );
  expect(done).toHaveLength(5);
  await all;
  expect(done).toHaveLength(20);
});

test('what closes goes before what opens, and few closings do not wait for many', async () => {
  const batches = new Batches();
  const done: string[] = [];
  batches.close(many.slice(0, 510), () => done.push('close'));
  batches.open(['open'], (item) => done.push(item));
  const later = batches.close(many.slice(0, 9), () => done.push('close later'));
  batches.close(['urgent'], (item) => done.push(item));
  await later;
  await new Promise((resolve) => setImmediate(resolve));
  expect(done.indexOf('urgent')).toBe(500);
  expect(done.indexOf('close later')).toBe(511);
  expect(done.at(-1)).toBe('open');
});
