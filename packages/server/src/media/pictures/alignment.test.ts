import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Alignment } from './alignment.ts';
import { ProducerTraces } from './producer-traces.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The alignment of a track, and ways to say what arrives of it. */
function watched(encodings: number) {
  let traced: readonly string[] = [];
  const producer = Object.assign(new EventEmitter(), {
    observer: new EventEmitter(),
    enableTraceEvent: async (types: readonly string[]) => {
      traced = types;
    },
  });
  const alignment = new Alignment(encodings);
  const engine = producer as unknown as types.Producer;
  alignment.watch(engine, new ProducerTraces(engine));
  let now = 0;
  const trace = (type: string, info: object) => {
    if (traced.includes(type)) producer.emit('trace', { type, timestamp: ++now, info });
  };
  return {
    alignment,
    traced: () => traced,
    arrive: (...ssrcs: number[]) =>
      producer.emit(
        'score',
        ssrcs.map((ssrc) => ({ ssrc, score: 10 })),
      ),
    stop: (ssrc: number) => producer.emit('score', [{ ssrc, score: 0 }]),
    report: (...ssrcs: number[]) => {
      for (const ssrc of ssrcs) trace('sr', { ssrc });
    },
    reportTogether: (...ssrcs: number[]) => {
      for (const ssrc of ssrcs) producer.emit('trace', { type: 'sr', timestamp: 7, info: { ssrc } });
    },
    packet: (ssrc: number, timestamp: number) => trace('rtp', { rtpPacket: { ssrc, timestamp } }),
    keyFrame: (ssrc: number) => trace('keyframe', { rtpPacket: { ssrc, timestamp: 9 } }),
    close: () => producer.observer.emit('close'),
  };
}

/** A receiver that notes what becomes of it. */
function receiver() {
  const noted: string[] = [];
  return { noted, raise: () => noted.push('raised'), askKeyFrame: () => noted.push('asked') };
}

test('a track with a single encoding has nothing to align', () => {
  const { alignment, traced } = watched(1);
  expect(alignment.isDone).toBe(true);
  expect(traced()).toEqual([]);
});

test('a track with several is aligned after three reports, one of each encoding that has arrived among them', () => {
  const { alignment, arrive, report, traced } = watched(3);
  expect(traced()).toEqual(['sr']);
  arrive(1, 2);
  report(1, 1, 1);
  expect(alignment.isDone).toBe(false);
  report(2);
  expect(alignment.isDone).toBe(true);
  expect(traced()).toEqual([]);
});

test('reports that came in one packet count once', () => {
  const { alignment, arrive, report, reportTogether } = watched(2);
  arrive(1, 2);
  reportTogether(1, 2, 1, 2);
  report(1);
  expect(alignment.isDone).toBe(false);
  report(1);
  expect(alignment.isDone).toBe(true);
});

test('an encoding that arrives later needs a report of its own', () => {
  const { alignment, arrive, report } = watched(3);
  arrive(1, 2);
  report(1, 2, 1);
  arrive(1, 2);
  expect(alignment.isDone).toBe(true);
  arrive(1, 2, 3);
  expect(alignment.isDone).toBe(false);
  report(1, 2);
  expect(alignment.isDone).toBe(false);
  report(3);
  expect(alignment.isDone).toBe(true);
});

test('an encoding that has ended before its first report is not waited for', () => {
  const { alignment, arrive, report, stop } = watched(2);
  arrive(1, 2);
  report(1, 1, 1);
  expect(alignment.isDone).toBe(false);
  stop(2);
  expect(alignment.isDone).toBe(true);
  arrive(1, 2);
  expect(alignment.isDone).toBe(false);
  report(2);
  expect(alignment.isDone).toBe(true);
});

test('who waits is raised when a frame of each encoding has begun after the reports', () => {
  const { alignment, arrive, report, packet, keyFrame, traced } = watched(2);
  const low = receiver();
  alignment.wait(low);
  arrive(1, 2);
  report(1, 2, 1);
  expect(alignment.isDone).toBe(true);
  expect(traced()).toEqual(['rtp', 'keyframe']);
  packet(1, 1000);
  packet(2, 5000);
  packet(1, 4000);
  expect(low.noted).toEqual([]);
  keyFrame(2);
  expect(low.noted).toEqual(['raised']);
  expect(traced()).toEqual([]);
});

test('a still picture is asked for a key frame, on behalf of one receiver after the other, and in the end everybody is raised', () => {
  const { alignment, arrive, report } = watched(2);
  const [one, other] = [receiver(), receiver()];
  alignment.wait(one);
  alignment.wait(other);
  arrive(1, 2);
  report(1, 2, 1);
  vi.advanceTimersByTime(800);
  expect([one.noted, other.noted]).toEqual([['asked'], ['asked']]);
  vi.advanceTimersByTime(10_000);
  expect([...one.noted, ...other.noted].filter((what) => what === 'asked')).toHaveLength(5);
  expect(one.noted.at(-1)).toBe('raised');
  expect(other.noted.at(-1)).toBe('raised');
});

test('who has left is not raised, nor is anybody whose track has ended', () => {
  const { alignment, arrive, report, close } = watched(2);
  const [left, ended] = [receiver(), receiver()];
  alignment.wait(left)();
  alignment.wait(ended);
  arrive(1, 2);
  report(1, 2, 1);
  close();
  vi.advanceTimersByTime(10_000);
  expect([left.noted, ended.noted]).toEqual([[], []]);
});

test('who asks when it is done is raised in a later turn, after a frame of each encoding', () => {
  const { alignment, arrive, report, keyFrame } = watched(2);
  arrive(1, 2);
  report(1, 2, 1);
  const low = receiver();
  alignment.wait(low);
  vi.advanceTimersByTime(1);
  keyFrame(1);
  expect(low.noted).toEqual([]);
  keyFrame(2);
  expect(low.noted).toEqual(['raised']);
});

test('many are raised in several turns of the event loop', async () => {
  const { alignment, arrive, report, keyFrame } = watched(2);
  let raised = 0;
  for (let index = 0; index < 120; index++) alignment.wait({ raise: () => raised++, askKeyFrame: () => {} });
  arrive(1, 2);
  report(1, 2, 1);
  keyFrame(1);
  keyFrame(2);
  expect(raised).toBe(50);
  for (let turns = 0; turns < 3; turns++) await nextTurn();
  expect(raised).toBe(120);
});
