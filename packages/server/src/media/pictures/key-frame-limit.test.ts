import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { engineMs } from './engine-clock.ts';
import { KeyFrameGuards } from './key-frame-guards.ts';
import { KeyFrameLimit } from './key-frame-limit.ts';
import { KeyFrameTurns } from './key-frame-turns.ts';
import { ProducerTraces } from './producer-traces.ts';
import { WaitingReceivers } from './waiting-receivers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A track: `consume` makes a consumer of it for a receiver, and notes what becomes of it. */
function shown() {
  const guards = new KeyFrameGuards();
  const share = new EventLoopShare();
  const waits = new WaitingReceivers(share);
  const turns = new KeyFrameTurns(share);
  const producer = Object.assign(new EventEmitter(), { kind: 'video', enableTraceEvent: async () => {} });
  turns.watch(new ProducerTraces(producer as unknown as types.Producer));
  const did: string[] = [];
  const consume = (receiver: object) => {
    const limit = new KeyFrameLimit({
      forwarding: {
        hold: (by) => did.push(by ? 'waits for its turn' : 'held'),
        release: (by) => did.push(by ? 'has its turn' : 'released'),
      },
      guard: guards.of(receiver),
      waits,
      turns,
      exceeded: () => did.push('exceeded'),
    });
    const engine = Object.assign(new EventEmitter(), { enableTraceEvent: async () => {} });
    limit.watch(engine as unknown as types.Consumer);
    const ask = () => engine.emit('trace', { timestamp: engineMs() });
    return { limit, ask };
  };
  /** The engine asks the sender. */
  const senderAsked = () => producer.emit('trace', { type: 'pli', timestamp: engineMs() });
  return { did, consume, senderAsked };
}

/** Lets some time pass, and does something every so often meanwhile. */
async function every(ms: number, times: number, job: () => unknown): Promise<void> {
  for (let time = 0; time < times; time++) {
    await job();
    await vi.advanceTimersByTimeAsync(ms);
  }
}

test('who begins while the sender may not be asked waits for its turn, with all who begin meanwhile', async () => {
  const { did, consume } = shown();
  consume({}).limit.begin();
  expect(did).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  consume({}).limit.begin();
  await vi.advanceTimersByTimeAsync(200);
  consume({}).limit.begin();
  expect(did).toEqual(['waits for its turn', 'waits for its turn']);
  await vi.advanceTimersByTimeAsync(110);
  expect(did.slice(2)).toEqual(['has its turn', 'has its turn']);
  consume({}).limit.begin();
  expect(did.at(-1)).toBe('waits for its turn');
});

test('who waits for its turn goes on with a key frame that is asked for meanwhile', async () => {
  const { did, consume, senderAsked } = shown();
  consume({}).limit.begin();
  await vi.advanceTimersByTimeAsync(100);
  consume({}).limit.begin();
  senderAsked();
  await vi.advanceTimersByTimeAsync(1);
  expect(did).toEqual(['waits for its turn', 'has its turn']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a receiver that begins again and again with new consumers waits, like one that asks too often', async () => {
  const { did, consume } = shown();
  const receiver = {};
  await every(510, 20, () => consume(receiver).limit.begin());
  expect(did).toContain('held');
  await vi.advanceTimersByTimeAsync(2600);
  expect(did.filter((what) => what === 'released')).toHaveLength(
    did.filter((what) => what === 'held').length,
  );
});

test('however many receivers begin for the first time, none of them is held', async () => {
  const { did, consume } = shown();
  for (let receivers = 0; receivers < 1000; receivers++) consume({}).limit.begin();
  await vi.advanceTimersByTimeAsync(600);
  expect(did.filter((what) => what === 'has its turn')).toHaveLength(999);
  expect(did).not.toContain('held');
});

test('who says that it is ready twice has begun once', async () => {
  const { did, consume } = shown();
  const { limit } = consume({});
  await every(510, 10, () => limit.begin());
  expect(did).toEqual([]);
});

test('a consumer that ends while it waits is not let go on, and leaves no timer', async () => {
  const { did, consume } = shown();
  const receiver = {};
  const consumers = Array.from({ length: 12 }, () => consume(receiver));
  let next = 0;
  await every(510, 10, () => consumers[next++]?.limit.begin());
  expect(did).toEqual(['held']);
  consumers[next++]?.limit.begin();
  consumers[next++]?.limit.begin();
  for (const { limit } of consumers) limit.stop();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(5000);
  expect(did).not.toContain('released');
});

test('a receiver that asks ever more often waits once at a time, and is told of once when it asks too much', async () => {
  const { did, consume } = shown();
  const { ask } = consume({});
  await every(200, 21, ask);
  expect(did).toEqual(['held']);
  await every(200, 11, ask);
  expect(did).toEqual(['held', 'released']);
  await every(10, 40, ask);
  expect(did.slice(2)).toEqual(['exceeded']);
});

test('a browser on a narrow link, which asks five times a second until it has a whole picture, gets three seconds of it each time', async () => {
  const { did, consume } = shown();
  const { ask } = consume({});
  let flowed = 0;
  const flows: number[] = [];
  await every(200, 150, () => {
    if (did.at(-1) !== 'held') flowed += 200;
    else if (flowed > 0) {
      flows.push(flowed);
      flowed = 0;
    }
    ask();
  });
  expect(flows.length).toBeGreaterThan(3);
  expect(Math.min(...flows)).toBeGreaterThanOrEqual(3000);
});

test('who wishes for other encodings all the time gets the newest after a while, and is sent its picture meanwhile', async () => {
  const { did, consume } = shown();
  const { limit } = consume({});
  const said: number[] = [];
  limit.begin();
  for (let layer = 0; layer < 20; layer++) await limit.change(async () => said.push(layer), true);
  expect(said).toEqual([]);
  await limit.change(async () => said.push(100), false);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(510);
  expect(said).toEqual([100]);
  let layer = 0;
  await every(510, 20, () => {
    const wished = layer++;
    return limit.change(async () => said.push(wished), true);
  });
  expect(said.length).toBeLessThan(18);
  await vi.advanceTimersByTimeAsync(2600);
  expect(said.at(-1)).toBe(19);
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
  await vi.advanceTimersByTimeAsync(510);
  await expect(limit.change(() => Promise.reject(new Error('no')), true)).rejects.toThrow('no');
});
