import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { WaitingReceivers } from './waiting-receivers.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const turn = () => new Promise((resolve) => setImmediate(resolve));
const limits = { ms: 6, work: 500, notices: 120, many: 100, few: 8 };

/** Those who wait for a track, on a clock of the event loop that only they move on: each takes one millisecond. */
function waiting() {
  let now = 0;
  const waits = new WaitingReceivers(new EventLoopShare(limits, () => now));
  const wentOn: string[] = [];
  const wait = (name: string) =>
    waits.add(1000, () => {
      now++;
      wentOn.push(name);
    });
  return { wait, wentOn };
}

test('who waits goes on after its time, and together with all who have come meanwhile', async () => {
  const { wait, wentOn } = waiting();
  wait('a');
  await vi.advanceTimersByTimeAsync(900);
  wait('b');
  expect(wentOn).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(wentOn).toEqual(['a', 'b']);
  wait('c');
  await vi.advanceTimersByTimeAsync(900);
  expect(wentOn).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(200);
  expect(wentOn).toEqual(['a', 'b', 'c']);
});

test('many go on in several turns of the event loop, but who has left meanwhile does not', async () => {
  vi.useRealTimers();
  // Turns of the event loop are real ones.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { wait, wentOn } = waiting();
  const leave = Array.from({ length: 20 }, (_, index) => wait(String(index)));
  vi.advanceTimersByTime(1000);
  while (wentOn.length === 0) await turn();
  expect(wentOn).toHaveLength(6);
  leave[10]?.();
  while (wentOn.length < 19) await turn();
  await turn();
  expect(wentOn).toHaveLength(19);
  expect(wentOn).not.toContain('10');
});

test('when nobody waits any more there is no timer', () => {
  const { wait } = waiting();
  const leave = [wait('a'), wait('b')];
  for (const undo of leave) undo();
  expect(vi.getTimerCount()).toBe(0);
});
