import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { ProducerTraces } from './producer-traces.ts';

test('each listener hears of its own kinds, and the engine is told of all of them together', () => {
  const told: (readonly string[])[] = [];
  const producer = Object.assign(new EventEmitter(), {
    enableTraceEvent: async (kinds: readonly string[]) => void told.push(kinds.toSorted()),
  });
  const traces = new ProducerTraces(producer as unknown as types.Producer);
  const heard: string[] = [];
  const one = ({ type }: { type: string }) => heard.push(`one ${type}`);
  const other = ({ type }: { type: string }) => heard.push(`other ${type}`);
  const happens = (...kinds: string[]) => {
    for (const type of kinds) producer.emit('trace', { type });
    return heard.splice(0);
  };
  traces.tell(one, 'pli', 'fir');
  traces.tell(other, 'sr');
  expect(happens('pli', 'sr', 'rtp')).toEqual(['one pli', 'other sr']);
  traces.tell(other, 'rtp', 'pli');
  expect(happens('pli', 'sr', 'rtp')).toEqual(['one pli', 'other pli', 'other rtp']);
  traces.tell(other);
  expect(happens('pli', 'rtp')).toEqual(['one pli']);
  expect(told).toEqual([
    ['fir', 'pli'],
    ['fir', 'pli', 'sr'],
    ['fir', 'pli', 'rtp'],
    ['fir', 'pli'],
  ]);
});
