import { expect, test } from 'vitest';
import { FakeTimers, settled } from '../platform/fake-platform.fixture.ts';
import { Health } from './health.ts';
import type { Direction } from './media-handler.ts';

/** What the browser counts of a path. */
const report = (requestsSent: number) =>
  new Map([
    ['a', { type: 'candidate-pair', requestsSent, responsesReceived: 5, packetsReceived: 100 }],
  ]) as unknown as RTCStatsReport;

/** Looks at a receiving transport of which the browser says this. */
function looking(statistics: () => Promise<RTCStatsReport | undefined>, isStarted = true) {
  const timers = new FakeTimers();
  const silent: Direction[] = [];
  const looks = { pictures: 0, sounds: 0 };
  const health = new Health(timers, {
    statistics: async (direction) => (direction === 'recv' ? statistics() : undefined),
    onSilent: (direction) => silent.push(direction),
    onPictures: () => {
      looks.pictures += 1;
    },
    onSounds: () => {
      looks.sounds += 1;
    },
  });
  if (isStarted) health.start();
  const second = async () => {
    timers.advance(1000);
    await settled();
  };
  return { timers, health, silent, looks, second };
}

test('a path is told as silent at each look, as long as nothing comes', async () => {
  const sent = [5, 7, 9, 11];
  const { silent, second } = looking(async () => report(sent.shift() ?? 0));
  for (let look = 0; look < 4; look += 1) await second();
  expect(silent).toEqual(['recv', 'recv']);
});

test('the path of a new transport is not silent because the one before was', async () => {
  const reports = [report(5), report(7), undefined, report(9)];
  const { silent, second } = looking(async () => reports.shift());
  for (let look = 0; look < 4; look += 1) await second();
  expect(silent).toEqual([]);
});

test('a transport that refuses to be read is looked at again', async () => {
  const reports = [Promise.reject(new Error('closed')), Promise.resolve(report(5))];
  const { looks, second } = looking(async () => reports.shift());
  await second();
  expect(looks).toEqual({ pictures: 0, sounds: 0 });
  await second();
  expect(looks).toEqual({ pictures: 1, sounds: 1 });
});

test('nobody looks any more after the end, also when it comes in the middle of a look', async () => {
  let answer = (_: RTCStatsReport) => {};
  const { timers, health, looks, second } = looking(() => new Promise((resolve) => (answer = resolve)));
  await second();
  health.close();
  answer(report(5));
  await settled();
  expect([timers.waiting, looks.pictures]).toEqual([0, 0]);
});

test('nobody looks when the end came before media got through', () => {
  const { timers, health } = looking(async () => undefined, false);
  health.close();
  health.start();
  expect(timers.waiting).toBe(0);
});
