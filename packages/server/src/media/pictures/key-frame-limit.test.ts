import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { KeyFrameGuards } from './key-frame-guards.ts';
import { KeyFrameLimit } from './key-frame-limit.ts';
import { KeyFrameWaits } from './key-frame-waits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A track: `consume` makes a consumer of it for a receiver, and notes what becomes of it. */
function shown() {
  const guards = new KeyFrameGuards();
  const waits = new KeyFrameWaits(new EventLoopShare());
  const did: string[] = [];
  const consume = (receiver: object) => {
    const limit = new KeyFrameLimit({
      forwarding: { hold: () => did.push('held'), release: () => did.push('released') },
      guard: guards.of(receiver),
      waits,
      exceeded: () => did.push('exceeded'),
    });
    const engine = Object.assign(new EventEmitter(), { enableTraceEvent: async () => {} });
    limit.watch(engine as unknown as types.Consumer);
    const ask = (timestamp: number) => engine.emit('trace', { timestamp });
    return { limit, ask };
  };
  return { did, consume };
}

test('a receiver that begins again and again with new consumers waits, like one that asks too often', async () => {
  const { did, consume } = shown();
  const receiver = {};
  for (let times = 0; times < 5; times++) consume(receiver).limit.begin();
  expect(did).toEqual([]);
  consume(receiver).limit.begin();
  expect(did).toEqual(['held']);
  await vi.advanceTimersByTimeAsync(1100);
  expect(did).toEqual(['held', 'released']);
});

test('however many receivers begin for the first time, none of them waits', () => {
  const { did, consume } = shown();
  for (let receivers = 0; receivers < 1000; receivers++) consume({}).limit.begin();
  expect(did).toEqual([]);
});

test('who says that it is ready twice has begun once', () => {
  const { did, consume } = shown();
  const { limit } = consume({});
  for (let times = 0; times < 10; times++) limit.begin();
  expect(did).toEqual([]);
});

test('a consumer that ends while it waits is not let go on, and leaves no timer', async () => {
  const { did, consume } = shown();
  const receiver = {};
  const consumers = Array.from({ length: 6 }, () => consume(receiver));
  for (const { limit } of consumers) limit.begin();
  consumers.at(-1)?.limit.stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(5000);
  expect(did).toEqual(['held']);
});

test('a receiver that asks ever more often waits once at a time, and is told of once when it asks too much', async () => {
  const { did, consume } = shown();
  const { ask } = consume({});
  for (let times = 0; times < 9; times++) ask(100_000 + 10 * times);
  expect(did).toEqual(['held']);
  await vi.advanceTimersByTimeAsync(1100);
  expect(did).toEqual(['held', 'released']);
  for (let times = 0; times < 9; times++) ask(100_100 + 10 * times);
  expect(did.slice(2).sort()).toEqual(['exceeded', 'held']);
});

test('who wishes for other encodings all the time gets the newest after a while, and is sent its picture meanwhile', async () => {
  const { did, consume } = shown();
  const { limit } = consume({});
  const said: number[] = [];
  limit.begin();
  for (let layer = 0; layer < 20; layer++) await limit.change(async () => said.push(layer), true);
  expect(said).toEqual([0, 1, 2, 3]);
  await limit.change(async () => said.push(100), false);
  expect(said).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(1100);
  expect(said).toEqual([0, 1, 2, 3, 100]);
  expect(did).toEqual([]);
});

test('an encoding that is wished for before the receiver has begun costs nothing', async () => {
  const { did, consume } = shown();
  const { limit } = consume({});
  let said = 0;
  for (let times = 0; times < 20; times++) await limit.change(async () => said++, true);
  limit.begin();
  expect([said, did]).toEqual([20, []]);
});

test('to say the same encoding again costs nothing, and the refusal is heard', async () => {
  const { consume } = shown();
  const { limit } = consume({});
  let said = 0;
  limit.begin();
  for (let times = 0; times < 20; times++) await limit.change(async () => said++, false);
  expect(said).toBe(20);
  await expect(limit.change(() => Promise.reject(new Error('no')), true)).rejects.toThrow('no');
});
