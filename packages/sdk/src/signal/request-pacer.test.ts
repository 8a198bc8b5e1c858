import { expect, test } from 'vitest';
import { FakeTimers } from '../platform/fake-platform.fixture.ts';
import { RequestPacer } from './request-pacer.ts';

function pacing(limits: { requestsPerSecond: number; pendingRequests: number }) {
  const timers = new FakeTimers();
  const pacer = new RequestPacer(timers);
  pacer.setLimits(limits);
  const sent: number[] = [];
  for (let request = 1; request <= 6; request += 1) pacer.submit(() => sent.push(request));
  return { timers, pacer, sent };
}

test('no more requests wait for an answer than the server takes', () => {
  const { pacer, sent } = pacing({ requestsPerSecond: 100, pendingRequests: 2 });
  expect(sent).toEqual([1, 2]);
  pacer.answered();
  expect(sent).toEqual([1, 2, 3]);
});

test('no more requests are sent in a second than the server takes', () => {
  const { timers, sent } = pacing({ requestsPerSecond: 4, pendingRequests: 100 });
  expect(sent).toEqual([1, 2, 3, 4]);
  timers.advance(250);
  expect(sent).toEqual([1, 2, 3, 4, 5]);
  timers.advance(250);
  expect(sent).toEqual([1, 2, 3, 4, 5, 6]);
  expect(timers.waiting).toBe(0);
});

test('a closed one sends nothing and leaves no timer', () => {
  const { timers, pacer, sent } = pacing({ requestsPerSecond: 4, pendingRequests: 100 });
  pacer.close();
  expect(timers.waiting).toBe(0);
  expect(sent).toHaveLength(4);
});
