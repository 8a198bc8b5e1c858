import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Alignment } from './alignment.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The alignment of a track, and a way to say that so many of its encodings have arrived. */
function watched(encodings: number) {
  const producer = Object.assign(new EventEmitter(), { observer: new EventEmitter() });
  const alignment = new Alignment(encodings);
  alignment.watch(producer as unknown as types.Producer);
  return {
    alignment,
    arrive: (count: number) => producer.emit('score', Array(count).fill({ score: 10 })),
    close: () => producer.observer.emit('close'),
  };
}

test('a track with a single encoding has nothing to align', () => {
  expect(watched(1).alignment.isDone).toBe(true);
});

test('a track with several is aligned three seconds after its newest encoding has begun', () => {
  const { alignment, arrive } = watched(3);
  vi.advanceTimersByTime(10_000);
  expect(alignment.isDone).toBe(false);
  arrive(1);
  vi.advanceTimersByTime(2_500);
  arrive(2);
  arrive(2);
  vi.advanceTimersByTime(2_500);
  expect(alignment.isDone).toBe(false);
  vi.advanceTimersByTime(600);
  expect(alignment.isDone).toBe(true);
  arrive(2);
  expect(alignment.isDone).toBe(true);
  arrive(3);
  expect(alignment.isDone).toBe(false);
});

test('who waits is told once, but not who has left or whose track has ended', () => {
  const first = watched(2);
  const told: string[] = [];
  first.alignment.wait(() => told.push('stays'));
  const leave = first.alignment.wait(() => told.push('has left'));
  leave();
  const second = watched(2);
  second.alignment.wait(() => told.push('ended'));
  for (const { arrive } of [first, second]) arrive(1);
  second.close();
  vi.advanceTimersByTime(3_100);
  expect(told).toEqual(['stays']);
  first.arrive(2);
  vi.advanceTimersByTime(3_100);
  expect(told).toEqual(['stays']);
});

test('many are told in several turns of the event loop', async () => {
  const { alignment, arrive } = watched(2);
  let told = 0;
  for (let index = 0; index < 120; index++) alignment.wait(() => told++);
  arrive(2);
  vi.advanceTimersByTime(3_100);
  expect(told).toBe(50);
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  expect(told).toBe(120);
});

test('who asks when it is done is told in a later turn', () => {
  const { alignment, arrive } = watched(2);
  arrive(2);
  vi.advanceTimersByTime(3_100);
  let told = 0;
  alignment.wait(() => told++);
  expect(told).toBe(0);
  vi.advanceTimersByTime(1);
  expect(told).toBe(1);
});
