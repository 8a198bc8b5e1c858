import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediasoupPlane } from './index.ts';
import { isKeyFrame } from './picture-sender.fixture.ts';
import { show } from './pictures.fixture.ts';
import { hear, second, start, until } from './plane.fixture.ts';

let plane: MediasoupPlane;
let heard: ReturnType<typeof hear>;
/** Packets of a good picture that somebody else watches all the time. */
let beside: { readonly packets: readonly Buffer[]; readonly since: number };

beforeEach(async () => {
  plane = await start();
  heard = hear(plane);
  const { watcher } = await show(plane, { name: 'good' });
  await plane.resumeConsumer(watcher.consumerId);
  await until(() => watcher.packets.length > 0);
  beside = { packets: watcher.packets, since: performance.now() };
});

afterEach(() => {
  const seconds = (performance.now() - beside.since) / 1000;
  // 30 frames a second in one packet each.
  expect(beside.packets.length).toBeGreaterThan(24 * seconds);
});

const bytes = ({ length }: Buffer) => length;

test('a picture whose sender makes no key frame is asked for one again and again, seldom', async () => {
  const { picture, watcher } = await show(plane, { behaviour: { obeys: false } });
  const asked = picture.asked.length;
  await plane.resumeConsumer(watcher.consumerId);
  await until(() => heard.pictureFrozen.length > 0, 20_000);
  expect(watcher.packets).toHaveLength(0);
  expect(picture.asked.length - asked).toBeGreaterThan(1);
  expect(picture.asked.length - asked).toBeLessThan(15);
  expect((await plane.snapshot()).mended).toEqual({ reset: 1, renewed: 1 });
});

test('a receiver who receives such a picture anew waits longer before the next time', async () => {
  const { watcher } = await show(plane, { behaviour: { obeys: false } });
  const { consumerId, transportId } = watcher;
  const { rtpCapabilities } = plane;
  const frozen = async (times: number) => {
    const from = performance.now();
    await plane.resumeConsumer(consumerId);
    await until(() => heard.pictureFrozen.length === times, 20_000);
    return performance.now() - from;
  };
  const first = await frozen(1);
  plane.closeConsumer(consumerId);
  await plane.openConsumer({ consumerId, transportId, trackId: 'track', rtpCapabilities });
  expect((await frozen(2)) - first).toBeGreaterThan(3000);
});

test('a picture that changes its size every second goes on', async () => {
  const { picture, watcher } = await show(plane);
  await plane.resumeConsumer(watcher.consumerId);
  await until(() => watcher.packets.length > 10);
  const before = { come: watcher.packets.length, asked: picture.asked.length, made: picture.keyFrames };
  for (const frameBytes of [100, 1100, 300, 900]) {
    picture.become({ frameBytes });
    picture.beginAnew();
    await second();
  }
  const come = watcher.packets.slice(before.come);
  expect(come.length).toBeGreaterThan(90);
  expect(come.filter(isKeyFrame)).toHaveLength(picture.keyFrames - before.made);
  expect(picture.asked.length - before.asked).toBe(0);
  expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
});

test('a picture whose layers in time come in no order goes on', async () => {
  const { watcher } = await show(plane, { behaviour: { layers: [2, 2, 1, 0, 1, 2, 0, 2, 1] } });
  await plane.resumeConsumer(watcher.consumerId);
  await until(() => watcher.packets.length > 0);
  const come = watcher.packets.length;
  for (let i = 0; i < 4; i++) await second();
  expect(watcher.packets.length - come).toBeGreaterThan(60);
  expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
});

test('a picture whose largest encoding comes first is received', async () => {
  const { watcher } = await show(plane, { encodings: 2, behaviour: { frameBytes: [1000, 200] } });
  await plane.resumeConsumer(watcher.consumerId);
  await until(() => watcher.packets.length > 30);
  expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
});

test('a picture that stops to send an encoding goes on with the other one, and comes back to it', async () => {
  const { picture, watcher } = await show(plane, { encodings: 2, behaviour: { frameBytes: [200, 1000] } });
  await plane.resumeConsumer(watcher.consumerId);
  const last = () => watcher.packets.at(-1) ?? Buffer.alloc(0);
  await until(() => bytes(last()) > 900);
  picture.stopped.add(2001);
  await until(() => bytes(last()) < 400);
  const come = watcher.packets.length;
  await second();
  expect(watcher.packets.length - come).toBeGreaterThan(4);
  picture.stopped.delete(2001);
  await until(() => bytes(last()) > 900);
  expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
});
