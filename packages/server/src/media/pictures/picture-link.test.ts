import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineHandle } from '../engine-handle.ts';
import { PictureLink } from './picture-link.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A link, and what the engine is told to send at the most and at the least. */
async function opened() {
  const caps: number[] = [];
  const kept: number[] = [];
  const transport = {
    closed: false,
    close: () => {},
    observer: new EventEmitter(),
    getStats: async () => [{ availableOutgoingBitrate: 30_000 }],
    setMinOutgoingBitrate: async (least: number) => void kept.push(least),
    setMaxOutgoingBitrate: async (cap: number) => void caps.push(cap),
  } as unknown as types.WebRtcTransport;
  const watch = { failed: async () => true, unclosed: () => {}, closing: () => {} };
  const open = async () => transport;
  const handle = new EngineHandle({ parents: [], watch, open, onEnd: () => {} });
  await handle.engine();
  return { link: new PictureLink(handle), caps, kept };
}

/** A picture that flows. */
const picture = () =>
  ({ observer: new EventEmitter(), currentLayers: { spatialLayer: 0 } }) as unknown as types.Consumer;

test('however many pictures wait, what the others take is added up once', async () => {
  const { link } = await opened();
  let asked = 0;
  const least = async () => {
    asked++;
    return 1000;
  };
  for (let i = 0; i < 10; i++) link.add(picture(), least);
  const sums = await Promise.all(Array.from({ length: 100 }, () => link.taken()));
  expect(sums).toEqual(Array(100).fill(10_000));
  expect(asked).toBe(10);
  vi.advanceTimersByTime(500);
  await link.taken();
  expect(asked).toBe(20);
});

test('pictures that wait for one link share a probe: the one that needs least decides', async () => {
  const { link, caps } = await opened();
  for (const needed of [400_000, 900_000, 200_000, 300_000, 200_000]) link.probe(needed);
  expect(caps).toEqual([520_000, 325_000]);
  vi.advanceTimersByTime(1500);
  link.probe(900_000);
  expect(caps).toEqual([520_000, 325_000, 1_170_000]);
});

test('a little is sent whatever the receiver reports, and more for four seconds from when a screen begins', async () => {
  const { link, kept, caps } = await opened();
  const least = async () => 1000;
  link.add(picture(), least);
  link.add(picture(), least);
  link.probe(200_000);
  expect([kept, caps]).toEqual([[80_000], [325_000]]);
  link.pageBegins();
  expect([kept, caps]).toEqual([
    [80_000, 700_000],
    [325_000, 0],
  ]);
  vi.advanceTimersByTime(3000);
  link.pageBegins();
  vi.advanceTimersByTime(3900);
  expect(kept).toEqual([80_000, 700_000]);
  vi.advanceTimersByTime(200);
  expect(kept).toEqual([80_000, 700_000, 80_000]);
});
