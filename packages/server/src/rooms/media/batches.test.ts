import { expect, test } from 'vitest';
import { Batches } from './batches.ts';

const many = Array.from({ length: 60 }, (_, index) => index);

test('few are done at once', async () => {
  const batches = new Batches();
  const done: number[] = [];
  batches.each([1, 2, 3], (slice) => done.push(...slice));
  batches.eachBehind([4, 5], (slice) => done.push(...slice));
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('of many some are done at once, and the others in their order, with turns of the event loop between', async () => {
  const batches = new Batches();
  const done: (number | string)[] = [];
  batches.each(many, (slice) => done.push(...slice));
  expect(done).toEqual(many.slice(0, 25));
  setImmediate(() => done.push('somebody else'));
  await batches.done();
  expect(done.filter((one) => one !== 'somebody else')).toEqual(many);
  expect(done.indexOf('somebody else')).toBeLessThan(60);
});

test('a job does not wait behind those before it, unless it is to', async () => {
  const batches = new Batches();
  const done: string[] = [];
  batches.each(many, (slice) => done.push(`many ${slice.length}`));
  batches.eachBehind(['last'], (slice) => done.push(...slice));
  batches.each(['urgent'], (slice) => done.push(...slice));
  await batches.done();
  expect(done).toEqual(['many 25', 'urgent', 'many 25', 'many 10', 'last']);
});
