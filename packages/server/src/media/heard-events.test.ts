import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { MediaEvents } from '../ports/index.ts';
import { HeardEvents } from './heard-events.ts';

const calls: Record<keyof MediaEvents, (events: MediaEvents) => void> = {
  placeLost: (events) => events.placeLost({ placeId: 'place' }, ['room']),
  available: (events) => events.available(),
  bitrateExceeded: (events) => events.bitrateExceeded('room', 'track'),
  keyFramesExceeded: (events) => events.keyFramesExceeded('room', 'transport', 'consumer'),
  pictureWaits: (events) => events.pictureWaits('room', 'transport', 'consumer', true),
  pictureFrozen: (events) => events.pictureFrozen('room', 'transport', 'consumer'),
  transportLost: (events) => events.transportLost('room', 'transport'),
};
const names = Object.keys(calls) as (keyof MediaEvents)[];

/** A listener that does the same at every event. */
const listening = (heard: (name: string, args: unknown[]) => unknown) =>
  Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => heard(name, args)]),
  ) as unknown as MediaEvents;

test.each(names)('what a listener throws, or rejects with, at %s is told and ends nothing', async (name) => {
  const failures: unknown[] = [];
  const events = new HeardEvents((error) => failures.push(error));
  events.listener = listening(() => {
    throw new Error('thrown');
  });
  calls[name](events);
  events.listener = listening(() => Promise.reject(new Error('rejected')));
  calls[name](events);
  await turn();
  expect(failures).toEqual([new Error('thrown'), new Error('rejected')]);
});

test('a listener hears each event with all that belongs to it, and nothing when it is gone', () => {
  const heard: unknown[] = [];
  const events = new HeardEvents(() => {});
  events.listener = listening((...all) => heard.push(all));
  for (const name of names) calls[name](events);
  expect(heard).toEqual([
    ['placeLost', [{ placeId: 'place' }, ['room']]],
    ['available', []],
    ['bitrateExceeded', ['room', 'track']],
    ['keyFramesExceeded', ['room', 'transport', 'consumer']],
    ['pictureWaits', ['room', 'transport', 'consumer', true]],
    ['pictureFrozen', ['room', 'transport', 'consumer']],
    ['transportLost', ['room', 'transport']],
  ]);
  events.listener = undefined;
  for (const name of names) calls[name](events);
  expect(heard).toHaveLength(7);
});
