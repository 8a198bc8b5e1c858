import { expect, test } from 'vitest';
import { PictureSender } from './picture-sender.fixture.ts';
import { call, camera, hear, microphone, second, start, until, voice } from './plane.fixture.ts';

/** A sound, and a picture of 30 frames a second whose lowest layer in time has a quarter of it, to a receiver on a link that can be narrowed. */
async function watch({ frameBytes }: { readonly frameBytes: number }) {
  const plane = await start();
  const heard = hear(plane);
  const { sender, receiver, link, offers, received, resume } = await call(plane, undefined, { linked: true });
  const [, offer] = offers;
  if (!link || !offer) throw new Error('there is no link');
  receiver.reportArrivals(link, offer);
  const sound = sender.send(microphone, voice);
  new PictureSender(sender, [camera], { frameBytes });
  await resume('audio');
  await resume('video');
  await until(() => received.video() > 100);
  return { heard, link, sent: sound.sent, received };
}

/** Packets of the picture per second. */
async function rate(received: { video(): number }, seconds: number): Promise<number> {
  const before = received.video();
  for (let i = 0; i < seconds; i++) await second();
  return (received.video() - before) / seconds;
}

test('a link that carries the sound and a part of the picture gets fewer frames and the whole sound', async () => {
  const { heard, link, sent, received } = await watch({ frameBytes: 1000 });
  link.set({ downBitsPerSecond: 150_000 });
  await until(async () => (await rate(received, 1)) < 20);
  for (let i = 0; i < 3; i++) await second();
  const before = { sent: sent(), received: received.audio() };
  expect(await rate(received, 5)).toBeGreaterThan(3);
  expect(received.audio() - before.received).toBeGreaterThan(0.95 * (sent() - before.sent));
  link.set({});
  await until(async () => (await rate(received, 1)) > 25);
  expect(heard.pictureWaits.length % 2).toBe(0);
});

test('a picture that takes little is never stopped, so the engine goes on hearing of the link', async () => {
  const { heard, link, sent, received } = await watch({ frameBytes: 1000 });
  link.set({ downBitsPerSecond: 100_000 });
  for (let i = 0; i < 5; i++) await second();
  const before = { sent: sent(), received: received.audio() };
  expect(await rate(received, 10)).toBeGreaterThan(2);
  expect(received.audio() - before.received).toBeGreaterThan(0.9 * (sent() - before.sent));
  expect(heard.pictureWaits).toEqual([]);
});

test('a picture that does not fit beside the sound waits, and moves again soon after it fits', async () => {
  const { heard, link, sent, received } = await watch({ frameBytes: 2000 });
  link.set({ downBitsPerSecond: 75_000 });
  await until(() => heard.pictureWaits.length > 0);
  expect(heard.pictureWaits).toEqual(['video consumer waits']);
  // The engine probes the link meanwhile.
  for (let i = 0; i < 5; i++) await second();
  const before = { sent: sent(), received: received.audio(), pictures: received.video() };
  for (let i = 0; i < 15; i++) await second();
  expect(received.audio() - before.received).toBeGreaterThan(0.97 * (sent() - before.sent));
  // Of the 450 that were sent.
  expect(received.video() - before.pictures).toBeLessThan(40);
  link.set({});
  const from = performance.now();
  const come = received.video();
  await until(() => received.video() > come + 3);
  // One probe suffices, but on a busy computer packets seem to be late.
  expect(performance.now() - from).toBeLessThan(8000);
  await until(() => heard.pictureWaits.at(-1) === 'video consumer flows');
});
