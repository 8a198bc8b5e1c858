import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { EngineCalls } from '../engine-calls.ts';
import { EngineHandle } from '../engine-handle.ts';
import { Forwarding } from './forwarding.ts';

/** What forwards one consumer, and what the engine is asked and the watch is told. */
async function opened() {
  const did: string[] = [];
  const consumer = {
    closed: false,
    close: () => {},
    observer: new EventEmitter(),
    pause: async () => void did.push('pause'),
    resume: async () => void did.push('resume'),
  } as unknown as types.Consumer;
  const watch = { failed: async () => true, unclosed: () => {}, closing: () => {} };
  const handle = new EngineHandle({ parents: [], watch, open: async () => consumer, onEnd: () => {} });
  await handle.engine();
  const forwarding = new Forwarding(handle, new EngineCalls(1000));
  forwarding.onFlow = () => did.push('flows');
  return { forwarding, did };
}

test('packets flow when the receiver is ready and nothing holds them', async () => {
  const { forwarding, did } = await opened();
  expect(forwarding.flows).toBe(false);
  await forwarding.ready();
  expect(forwarding.flows).toBe(true);
  forwarding.hold();
  forwarding.hold();
  expect(forwarding.flows).toBe(false);
  forwarding.release();
  forwarding.release();
  await turn();
  expect(did).toEqual(['resume', 'flows', 'pause', 'resume', 'flows']);
});

test('what is held before the receiver is ready flows when it is released', async () => {
  const { forwarding, did } = await opened();
  forwarding.hold();
  await forwarding.ready();
  expect(did).toEqual([]);
  forwarding.release();
  await turn();
  expect(did.sort()).toEqual(['flows', 'resume']);
});

test('to begin anew, what flows is paused and goes on; what does not flow stays as it is', async () => {
  const { forwarding, did } = await opened();
  forwarding.reset();
  await turn();
  expect(did).toEqual([]);
  await forwarding.ready();
  did.length = 0;
  forwarding.reset();
  await turn();
  expect(did).toEqual(['pause', 'resume']);
});
