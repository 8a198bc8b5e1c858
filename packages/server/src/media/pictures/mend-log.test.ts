import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogSampler } from '../../log-sampler.ts';
import { MendLog } from './mend-log.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const message = 'a picture did not reach its receivers';

/** The logs of tracks, and the lines that they write. */
function logs() {
  const lines: unknown[] = [];
  const sampler = new LogSampler();
  const log = (...line: unknown[]) => void lines.push(line);
  const of = (sender: string, track: string) => new MendLog({ log, sampler, sender, track: { track } });
  return { lines, of };
}

test('however many receivers have the same mended at about the same time, it is one line', () => {
  const { lines, of } = logs();
  const log = of('ana', 'camera');
  for (let receiver = 0; receiver < 300; receiver++) log.add('reset', { needed: receiver });
  log.add('renewed', { needed: 7 });
  vi.advanceTimersByTime(1000);
  vi.runAllTicks();
  vi.advanceTimersByTime(1);
  expect(lines).toEqual([
    ['warn', message, { mend: 'reset', receivers: 300, track: 'camera', needed: 0 }],
    ['warn', message, { mend: 'renewed', receivers: 1, track: 'camera', needed: 7 }],
  ]);
  log.add('reset', { needed: 1 });
  vi.advanceTimersByTime(1001);
  expect(lines).toHaveLength(3);
});

test('the log of a track that ends writes what it has, and leaves no timer', () => {
  const { lines, of } = logs();
  const log = of('ana', 'camera');
  log.add('reset', {});
  log.flush();
  expect(lines).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
  log.flush();
  expect(lines).toHaveLength(1);
});

test('of one sender ten lines in a minute are written, however many tracks it publishes; the next one says how many were not', () => {
  const { lines, of } = logs();
  for (let track = 0; track < 25; track++) {
    const log = of('ana', String(track));
    log.add('reset', {});
    log.flush();
  }
  expect(lines).toHaveLength(10);
  const other = of('bob', 'camera');
  other.add('reset', {});
  other.flush();
  expect(lines).toHaveLength(11);
  vi.advanceTimersByTime(61_000);
  const log = of('ana', 'last');
  log.add('reset', {});
  log.flush();
  expect(lines.at(-1)).toEqual([
    'warn',
    message,
    { mend: 'reset', receivers: 1, track: 'last', unwritten: 15 },
  ]);
});
