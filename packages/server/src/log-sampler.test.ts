import { expect, test } from 'vitest';
import { LogSampler } from './log-sampler.ts';

test('of one source the first ten lines in a minute are written, and the next one says how many were not', () => {
  const sampler = new LogSampler();
  const written = Array.from({ length: 25 }, (_, n) => sampler.next('ana', 1000 + n).isWritten);
  expect(written.filter(Boolean)).toHaveLength(10);
  expect(sampler.next('bob', 1030)).toEqual({ isWritten: true, unwritten: 0 });
  expect(sampler.next('ana', 61_000)).toEqual({ isWritten: true, unwritten: 15 });
  expect(sampler.next('ana', 61_001)).toEqual({ isWritten: true, unwritten: 0 });
});

test('the line after those that were left out says how many they were', () => {
  const sampler = new LogSampler();
  const written: object[] = [];
  for (let n = 0; n < 12; n++) sampler.tell('ana', 0, (leftOut) => written.push(leftOut));
  sampler.tell('ana', 60_000, (leftOut) => written.push(leftOut));
  expect(written).toEqual([...Array(10).fill({}), { unwritten: 2 }]);
});

test('a clock that was set back silences nobody', () => {
  const sampler = new LogSampler();
  for (let n = 0; n < 20; n++) sampler.next('ana', 1_000_000);
  expect(sampler.next('ana', 5).isWritten).toBe(true);
});

test('sources beyond ten thousand are forgotten, the oldest first', () => {
  const sampler = new LogSampler();
  for (let n = 0; n < 11; n++) sampler.next('first', 0);
  for (let n = 0; n < 10_000; n++) sampler.next(`source ${n}`, 1);
  expect(sampler.next('first', 2)).toEqual({ isWritten: true, unwritten: 0 });
});
