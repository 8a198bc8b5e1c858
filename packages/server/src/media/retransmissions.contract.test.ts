import { expect, onTestFinished, test } from 'vitest';
import { call, camera, flows, picture, second, start, until } from './plane.fixture.ts';

/** A receiver of a picture who can ask for each packet again, and the log. */
async function watch() {
  const paused: unknown[] = [];
  const log = (_level: string, message: string, fields = {}) => {
    if (message.includes('more packets sent again')) paused.push(fields);
  };
  const plane = await start({ log });
  const { sender, receiver, received, resume, ssrcs } = await call(plane);
  await resume('video');
  sender.send(camera, picture);
  await flows(received.video);
  let newest = 0;
  receiver.onPacket = (packet) => {
    if (packet.readUInt32BE(8) === ssrcs.video) newest = packet.readUInt16BE(2);
  };
  await until(() => newest > 0);
  const ask = (back: number) => receiver.askAgain('1', ssrcs.video, (newest - back) & 0xffff);
  return { ask, paused, received };
}

function repeatedly(ms: number, job: () => void): () => void {
  const timer = setInterval(job, ms);
  onTestFinished(() => clearInterval(timer));
  return () => clearInterval(timer);
}

test('a receiver who has the same packets sent again and again gets none for ten seconds, and the next time for twenty', async () => {
  const { ask, paused, received } = await watch();
  // The engine takes a round trip of 100 ms for granted, and keeps the packets of two seconds.
  const flood = () =>
    repeatedly(105, () => {
      for (let back = 0; back < 190; back++) ask(back);
    });
  const stop = flood();
  await until(() => paused.length > 0, 30_000);
  stop();
  await second();
  const before = received.video();
  for (let i = 0; i < 5; i++) await second();
  expect(received.video()).toBe(before);
  expect(await flows(received.video)).toBe(true);
  flood();
  await until(() => paused.length > 1, 30_000);
  expect(paused).toMatchObject([{ seconds: 10 }, { seconds: 20 }]);
}, 60_000);

test('a receiver who misses every fifth packet and asks three times for it never waits', async () => {
  const { ask, paused, received } = await watch();
  repeatedly(50, () => {
    for (let times = 0; times < 3; times++) setTimeout(() => ask(10 * times), 100 * times);
  });
  const before = received.video();
  for (let i = 0; i < 15; i++) await second();
  expect(received.video() - before).toBeGreaterThan(15 * 0.9 * picture.packetsPerSecond);
  expect(paused).toEqual([]);
}, 60_000);
