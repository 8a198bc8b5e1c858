import { expect, onTestFinished, test } from 'vitest';
import { call, camera, flows, picture, second, start, until } from './plane.fixture.ts';

/** A receiver of a picture who can ask for each packet again, and the log. */
async function watch() {
  const logged: string[] = [];
  const plane = await start({ log: (_level, message) => logged.push(message) });
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
  const paused = () => logged.filter((line) => line.includes('more packets sent again')).length;
  return { ask, paused, received };
}

function repeatedly(ms: number, job: () => void): () => void {
  const timer = setInterval(job, ms);
  onTestFinished(() => clearInterval(timer));
  return () => clearInterval(timer);
}

test('a receiver who has the same packets sent again and again gets none for ten seconds, and then again', async () => {
  const { ask, paused, received } = await watch();
  // The engine takes a round trip of 100 ms for granted, and keeps the packets of two seconds.
  const stop = repeatedly(105, () => {
    for (let back = 0; back < 190; back++) ask(back);
  });
  await until(() => paused() > 0, 30_000);
  stop();
  await second();
  const before = received.video();
  for (let i = 0; i < 5; i++) await second();
  expect(received.video()).toBe(before);
  expect(await flows(received.video)).toBe(true);
  expect(paused()).toBe(1);
}, 60_000);

test('a receiver who misses every fifth packet and asks three times for it never waits', async () => {
  const { ask, paused, received } = await watch();
  repeatedly(50, () => {
    for (let times = 0; times < 3; times++) setTimeout(() => ask(10 * times), 100 * times);
  });
  const before = received.video();
  for (let i = 0; i < 15; i++) await second();
  expect(received.video() - before).toBeGreaterThan(15 * 0.9 * picture.packetsPerSecond);
  expect(paused()).toBe(0);
}, 60_000);
