import { expect, test } from 'vitest';
import { KeyFrameGuard } from './key-frame-guard.ts';

/** When a receiver that asks every so many milliseconds has asked too often; undefined: never in ten seconds. */
function tooOftenAt(everyMs: number): number | undefined {
  const guard = new KeyFrameGuard();
  for (let ms = 0; ms < 10_000; ms += everyMs) if (guard.asked(ms)) return ms;
  return undefined;
}

test('ten key frames a second may be asked for, eleven may not', () => {
  expect(tooOftenAt(200)).toBeUndefined();
  expect(tooOftenAt(100)).toBeUndefined();
  expect(tooOftenAt(99)).toBe(990);
  expect(tooOftenAt(2.5)).toBe(50);
});

test('what was asked long ago does not count', () => {
  const guard = new KeyFrameGuard();
  for (let i = 0; i < 10; i++) guard.asked(5 * i);
  expect(guard.asked(1000)).toBe(false);
  expect(guard.asked(1004)).toBe(false);
});

test('a request that is said several times at once is one', () => {
  const guard = new KeyFrameGuard();
  for (let i = 0; i < 100; i++) expect(guard.asked(Math.floor(i / 10) * 100)).toBe(false);
});
