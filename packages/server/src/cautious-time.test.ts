import { FakeClock } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { CautiousTime } from './cautious-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = 1_800_000_000_000;

test('it is the time of the wall clock while both clocks agree', () => {
  const clock = new FakeClock(start);
  const cautious = new CautiousTime(clock);
  for (let hour = 0; hour < 100; hour++) {
    clock.set(clock.now() + 20);
    expect(cautious.now()).toBe(clock.now());
    clock.advance(HOUR);
  }
});

test('a wall clock that jumps ahead is not believed for a day, and never when it comes back', () => {
  const clock = new FakeClock(start);
  const cautious = new CautiousTime(clock);
  clock.advance(HOUR);
  cautious.now();
  clock.set(clock.now() + 2 * DAY);
  clock.advance(31_000);
  expect(cautious.now()).toBeUndefined();
  clock.set(clock.now() - 2 * DAY);
  expect(cautious.now()).toBe(clock.now());
  clock.set(clock.now() + 2 * DAY);
  for (let hour = 0; hour < 24; hour++) {
    expect(cautious.now()).toBeUndefined();
    clock.advance(HOUR);
  }
  clock.advance(HOUR);
  expect(cautious.now()).toBe(clock.now());
});

test('what is believed meanwhile goes on with the monotonic clock', () => {
  const clock = new FakeClock(start);
  const cautious = new CautiousTime(clock);
  expect(cautious.look()).toEqual({ now: start, believed: start });
  clock.set(start + 2 * DAY);
  clock.advance(HOUR);
  expect(cautious.look()).toEqual({ now: start + 2 * DAY + HOUR, believed: start + HOUR });
});

test('a wall clock that is set back is believed at once', () => {
  const clock = new FakeClock(start);
  const cautious = new CautiousTime(clock);
  clock.set(start - DAY);
  expect(cautious.now()).toBe(start - DAY);
});

test('at the start a wall clock that is less than an hour ahead of what is known is believed', () => {
  const clock = new FakeClock(start);
  expect(new CautiousTime(clock, start - HOUR).now()).toBe(start);
  expect(new CautiousTime(clock, start - HOUR - 1).now()).toBeUndefined();
  expect(new CautiousTime(clock, start + HOUR).now()).toBe(start);
});

test('at the start a wall clock that is ahead of what is known is not believed for a day', () => {
  const clock = new FakeClock(start);
  const cautious = new CautiousTime(clock, start - 10 * DAY);
  expect(cautious.now()).toBeUndefined();
  clock.advance(DAY - 1);
  expect(cautious.now()).toBeUndefined();
  clock.advance(1);
  expect(cautious.now()).toBe(clock.now());
});
