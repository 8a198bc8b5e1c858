import { EventEmitter } from 'node:events';
import type { Slot } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import type { OpenTrack, OpenTransport } from '../open-media.ts';
import { FlowWatch } from './flow-watch.ts';
import type { Forwarding } from './forwarding.ts';
import { HighestLayer } from './highest-layer.ts';
import { Renewals } from './renewals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const layers = { spatialLayer: 0, temporalLayer: 0 };
const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);

/** A watch over a picture that does not flow yet, in a world that can be changed; `did` is what it does, in order. */
function watched(
  slot: Slot = 'camera',
  { renewals = new Renewals(), receiver = {}, share = new EventLoopShare() } = {},
) {
  const did: string[] = [];
  const world = {
    isConnected: true,
    least: 100_000 as number | undefined,
    available: 1_000_000 as number | undefined,
  };
  const engine = Object.assign(new EventEmitter(), {
    observer: new EventEmitter(),
    closed: false,
    producerPaused: false,
    currentLayers: undefined as types.ConsumerLayers | undefined,
    score: { score: 10, producerScore: 10, producerScores: [10, 10] },
  });
  const forwarding = {
    flows: true,
    onFlow: () => {},
    reset: () => did.push('reset'),
    hold: () => did.push('held'),
    release: () => did.push('released'),
  };
  const connecting: (() => void)[] = [];
  const connect = () => {
    world.isConnected = true;
    for (const job of connecting.splice(0)) job();
  };
  const link = {
    add: () => {},
    get isConnected() {
      return world.isConnected;
    },
    whenConnected: (job: () => void) => {
      connecting.push(job);
      return () => {};
    },
    available: async () => world.available,
    taken: async () => 0,
    probe: () => did.push('probe'),
    pages: { add: () => () => {}, isNarrow: false, failed: () => did.push('failed') },
    keep: () => did.push('page comes'),
    release: () => {},
  };
  const least = { get: async () => world.least };
  const noted: unknown[] = [];
  const mends = { add: (...mend: unknown[]) => noted.push(mend) };
  const track = { slot, least, renewals, mends, turns: { wait: () => undefined }, isPaused: false };
  const transport = Object.assign(receiver, { link }) as unknown as OpenTransport;
  new FlowWatch({
    engine: engine as unknown as types.Consumer,
    forwarding: forwarding as unknown as Forwarding,
    transport,
    highest: new HighestLayer(1, () => {}),
    track: track as unknown as OpenTrack,
    share,
    waits: (waits) => did.push(waits ? 'waits' : 'waits no more'),
    mended: (mend) => did.push(`mended: ${mend}`),
  });
  const change = (to: types.ConsumerLayers | undefined) => {
    engine.currentLayers = to;
    engine.emit('layerschange', to);
  };
  /** How many seconds pass until it does something, or `most`. */
  const until = async (what: string, most: number) => {
    did.length = 0;
    for (let passed = 0; passed < most; passed++) {
      await seconds(1);
      if (did.includes(what)) return passed + 1;
    }
    return most;
  };
  return { connect, world, engine, track, forwarding, did, noted, change, until };
}

test('a picture that does not come for three seconds begins anew, after three more it is made anew', async () => {
  const { forwarding, did, noted } = watched();
  forwarding.onFlow();
  await vi.advanceTimersByTimeAsync(2900);
  expect(did).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(did).toEqual(['mended: reset', 'reset']);
  await vi.advanceTimersByTimeAsync(3100);
  expect(did).toEqual(['mended: reset', 'reset', 'mended: renewed']);
  await seconds(100);
  expect(did).toHaveLength(3);
  const seen = { score: 10, scores: '10 10', needed: 100_000, available: 1_000_000 };
  expect(noted).toEqual([
    ['reset', seen],
    ['renewed', seen],
  ]);
});

test('a picture that has flowed since it was mended is looked at as often as at first', async () => {
  const { did, change } = watched();
  for (let times = 0; times < 4; times++) {
    did.length = 0;
    change(undefined);
    await seconds(3.5);
    expect(did).toEqual(['mended: reset', 'reset']);
    change(layers);
  }
});

test('a sender who publishes again every four seconds has its receivers look ever more seldom', async () => {
  const known = { renewals: new Renewals(), receiver: {} };
  const mended: number[] = [];
  for (let times = 0; times < 5; times++) {
    const { engine, forwarding, did } = watched('camera', known);
    forwarding.onFlow();
    await seconds(4);
    engine.closed = true;
    engine.observer.emit('close');
    mended.push(did.filter((what) => what === 'reset').length);
  }
  expect(mended).toEqual([1, 1, 0, 0, 0]);
});

test('a picture that begins to flow, whose sender pauses, or that is held, is left alone', async () => {
  for (const end of ['flows', 'paused', 'held']) {
    const { engine, forwarding, did, change } = watched();
    forwarding.onFlow();
    await seconds(1.5);
    if (end === 'flows') change(layers);
    else if (end === 'paused') engine.producerPaused = true;
    else forwarding.flows = false;
    await seconds(100);
    expect(did).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test.each(['producerresume', 'score', 'layerschange'])(
  'a picture that does not flow is looked at from the event %s on',
  async (event) => {
    const { engine, did } = watched();
    await seconds(100);
    expect(did).toEqual([]);
    engine.emit(event);
    await seconds(3.5);
    expect(did).toEqual(['mended: reset', 'reset']);
  },
);

test('a picture whose sender sends nothing is looked at no more, until the engine tells a score', async () => {
  const { world, engine, forwarding, did } = watched();
  world.least = undefined;
  forwarding.onFlow();
  await seconds(100);
  expect(did).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  world.least = 100_000;
  engine.emit('score');
  await seconds(3.5);
  expect(did).toEqual(['mended: reset', 'reset']);
});

test('a picture that is more than the link carries waits, and its link is probed every two seconds', async () => {
  const { world, forwarding, did, change } = watched();
  world.available = 99_999;
  forwarding.onFlow();
  await seconds(5.5);
  expect(did).toEqual(['waits', 'probe', 'probe', 'probe']);
  change(layers);
  expect(did.at(-1)).toBe('waits no more');
});

test('as long as its receiver is not connected a picture costs nothing', async () => {
  const { world, forwarding, connect, did } = watched();
  Object.assign(world, { isConnected: false, available: 0 });
  forwarding.onFlow();
  await seconds(1.5);
  forwarding.onFlow();
  expect(vi.getTimerCount()).toBe(0);
  expect(did).toEqual([]);
  world.available = 1_000_000;
  connect();
  await seconds(3.5);
  expect(did).toEqual(['mended: reset', 'reset']);
});

test('the watch ends with its consumer', async () => {
  const { engine, forwarding, did } = watched();
  forwarding.onFlow();
  engine.observer.emit('close');
  expect(vi.getTimerCount()).toBe(0);
  await seconds(100);
  expect(did).toEqual([]);
});

test('a page of a screen comes when it begins to flow, and a camera has none', () => {
  const screen = watched('screen');
  for (const to of [layers, { ...layers, temporalLayer: 1 }]) screen.change(to);
  expect(screen.did).toEqual(['page comes']);
  const camera = watched('camera');
  camera.change(layers);
  expect(camera.did).toEqual([]);
});

test('a screen that the engine stops begins again, one that is held does not', () => {
  const stopped = watched('screen');
  stopped.change(layers);
  stopped.change(undefined);
  expect(stopped.did).toEqual(['page comes', 'failed', 'page comes', 'reset']);
  const held = watched('screen');
  held.change(layers);
  held.forwarding.flows = false;
  held.change(undefined);
  expect(held.did).toEqual(['page comes']);
});

test('a screen that is muted has not failed, though the engine says that it flows no more before it says why', () => {
  const { track, did, change } = watched('screen');
  change(layers);
  track.isPaused = true;
  change(undefined);
  expect(did).toEqual(['page comes']);
});

test('what all receivers of a track find at once is divided over turns of the event loop', async () => {
  let now = 0;
  const limits = { ms: 6, work: 500, notices: 120, many: 100, few: 8 };
  const share = new EventLoopShare(limits, () => now++);
  const all = Array.from({ length: 40 }, () => watched('camera', { share }));
  for (const { forwarding } of all) forwarding.onFlow();
  await vi.advanceTimersByTimeAsync(3000);
  const mended = () => all.filter(({ did }) => did.includes('reset')).length;
  const seen = new Set<number>();
  while (mended() < 40) {
    seen.add(mended());
    await vi.advanceTimersToNextTimerAsync();
  }
  expect(seen.size).toBeGreaterThan(4);
});
