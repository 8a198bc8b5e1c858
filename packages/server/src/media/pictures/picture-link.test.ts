import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EngineHandle } from '../engine-handle.ts';
import { PictureLink } from './picture-link.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A link, and what the engine is told to send at the most and at the least. It refuses what contradicts the other, as the real one does. */
async function opened() {
  const caps: number[] = [];
  const kept: number[] = [];
  const refused: string[] = [];
  const engine = { available: 30_000, cap: 0, kept: 0 };
  const traced: (readonly string[])[] = [];
  const transport = Object.assign(new EventEmitter(), {
    closed: false,
    close: () => {},
    observer: new EventEmitter(),
    dtlsState: 'new',
    getStats: async () => [{ availableOutgoingBitrate: engine.available }],
    setMinOutgoingBitrate: async (least: number) => {
      if (engine.cap > 0 && least > engine.cap) {
        refused.push(`least ${least}`);
        throw new TypeError('more than the most');
      }
      engine.kept = least;
      kept.push(least);
    },
    setMaxOutgoingBitrate: async (cap: number) => {
      if (cap > 0 && cap < engine.kept) {
        refused.push(`most ${cap}`);
        throw new TypeError('less than the least');
      }
      engine.cap = cap;
      caps.push(cap);
    },
    enableTraceEvent: async (kinds: readonly string[]) => void traced.push(kinds),
  });
  const watch = { failed: async () => true, unclosed: () => {}, closing: () => {} };
  const open = async () => transport as unknown as types.WebRtcTransport;
  const handle = new EngineHandle({ parents: [], watch, open, onEnd: () => {} });
  await handle.engine();
  return { link: new PictureLink(handle), caps, kept, refused, engine, transport, traced, handle };
}

/** Long enough for the engine to be told what waits. */
const told = () => vi.advanceTimersByTimeAsync(0);

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
  await told();
  expect(caps).toEqual([520_000, 325_000]);
  vi.advanceTimersByTime(1500);
  link.probe(900_000);
  await told();
  expect(caps).toEqual([520_000, 325_000, 1_170_000]);
});

test('a little is sent whatever the receiver reports, and more as long as somebody wants pages to come', async () => {
  const { link, kept, caps } = await opened();
  const least = async () => 1000;
  link.add(picture(), least);
  link.add(picture(), least);
  link.probe(200_000);
  await told();
  expect([kept, caps]).toEqual([[80_000], [325_000]]);
  const [one, other] = [{}, {}];
  for (const by of [one, other, one]) link.keep(by);
  await told();
  expect([kept, caps]).toEqual([
    [80_000, 700_000],
    [325_000, 0],
  ]);
  link.release(one);
  link.release({});
  await told();
  expect(kept).toEqual([80_000, 700_000]);
  link.release(other);
  link.release(other);
  await told();
  expect(kept).toEqual([80_000, 700_000, 80_000]);
});

test('while pages come, no cap is below what is sent in any case, and the engine refuses nothing', async () => {
  const { link, caps, kept, refused, engine } = await opened();
  engine.available = 600_000;
  link.add(picture(), async () => 1000);
  link.probe(200_000);
  link.keep(link);
  await vi.advanceTimersByTimeAsync(1500);
  link.probe(200_000);
  await vi.advanceTimersByTimeAsync(3000);
  link.release(link);
  await vi.advanceTimersByTimeAsync(2000);
  expect(caps.slice(0, 3)).toEqual([325_000, 0, 700_000]);
  expect(kept).toEqual([80_000, 700_000, 80_000]);
  expect(refused).toEqual([]);
  expect(engine.kept).toBe(80_000);
});

test('after the first page the engine tells its estimates, of which a low one makes the link narrow', async () => {
  const { link, transport, traced } = await opened();
  const heard: boolean[] = [];
  const leave = link.pages.add((isNarrow) => heard.push(isNarrow));
  link.keep(link);
  await told();
  expect(traced).toEqual([]);
  for (let pages = 0; pages < 2; pages++) {
    link.release(link);
    link.keep(link);
    await told();
  }
  expect(traced).toEqual([['bwe']]);
  for (const availableBitrate of [1_000_000, 999_999])
    transport.emit('trace', { type: 'bwe', info: { availableBitrate } });
  expect(heard).toEqual([true]);
  leave();
  transport.emit('trace', { type: 'bwe', info: { availableBitrate: 1 } });
  expect(traced).toEqual([['bwe'], []]);
  link.pages.add(() => {});
  link.release(link);
  await told();
  expect(traced).toEqual([['bwe'], [], ['bwe']]);
  expect(transport.listenerCount('trace')).toBe(1);
});

test('what the engine did not take is not taken for what is so', async () => {
  const { link, caps, kept, transport } = await opened();
  const { setMinOutgoingBitrate: least, setMaxOutgoingBitrate: most } = transport;
  const refuse = () => Promise.reject(new Error('no'));
  Object.assign(transport, { setMinOutgoingBitrate: refuse, setMaxOutgoingBitrate: refuse });
  link.add(picture(), async () => 1000);
  link.probe(200_000);
  await told();
  Object.assign(transport, { setMinOutgoingBitrate: least, setMaxOutgoingBitrate: most });
  link.add(picture(), async () => 1000);
  await vi.advanceTimersByTimeAsync(1500);
  link.probe(200_000);
  await told();
  expect(kept).toEqual([80_000]);
  // As for the first time.
  expect(caps).toEqual([325_000]);
});

test('the cap grows every two seconds until there is none', async () => {
  const { link, caps, engine } = await opened();
  engine.available = 5_000_000;
  link.probe(200_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(caps).toEqual([325_000, 650_000, 1_300_000, 2_600_000, 0]);
  expect(vi.getTimerCount()).toBe(0);
});

test('no timer of a link outlives its transport, or begins after its end', async () => {
  const { link, handle } = await opened();
  link.add(picture(), async () => 1000);
  link.pages.failed();
  link.probe(200_000);
  expect(vi.getTimerCount()).toBe(2);
  handle.end();
  expect(vi.getTimerCount()).toBe(0);
  link.keep(link);
  link.pages.failed();
  link.probe(100_000);
  await told();
  expect(vi.getTimerCount()).toBe(0);
});

test('a link is connected when its transport is, and who waits for that is told once', async () => {
  const { link, transport } = await opened();
  let jobs = 0;
  link.add(picture(), async () => 1000);
  await told();
  expect(link.isConnected).toBe(false);
  link.whenConnected(() => jobs++);
  link.whenConnected(() => jobs++)();
  transport.observer.emit('dtlsstatechange', 'connecting');
  expect([link.isConnected, jobs]).toEqual([false, 0]);
  transport.observer.emit('dtlsstatechange', 'connected');
  transport.observer.emit('dtlsstatechange', 'connected');
  expect([link.isConnected, jobs]).toEqual([true, 1]);
});

test('a link whose transport was connected before its first picture is connected', async () => {
  const { link, transport } = await opened();
  transport.dtlsState = 'connected';
  link.add(picture(), async () => 1000);
  await told();
  expect(link.isConnected).toBe(true);
});
