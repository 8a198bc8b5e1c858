import { expect, test } from 'vitest';
import { KeyFrameGuard } from './key-frame-guard.ts';

/** When a receiver that asks every so many milliseconds hears a verdict first; undefined: not in ten seconds. */
function firstAt(verdict: 'wait' | 'exceeded', everyMs: number): number | undefined {
  const guard = new KeyFrameGuard();
  for (let ms = 0; ms < 10_000; ms += everyMs) if (guard.asked(ms) === verdict) return ms;
  return undefined;
}

test('ten key frames a second may be asked for, eleven may not', () => {
  expect(firstAt('exceeded', 200)).toBeUndefined();
  expect(firstAt('exceeded', 100)).toBeUndefined();
  expect(firstAt('exceeded', 99)).toBe(990);
  expect(firstAt('exceeded', 2.5)).toBe(50);
});

test('five in a row are fine, then one a second; who asks more often has to wait', () => {
  expect(firstAt('wait', 1000)).toBeUndefined();
  expect(firstAt('wait', 200)).toBe(1200);
  expect(firstAt('wait', 6)).toBe(30);
});

test('what was asked long ago does not count', () => {
  const guard = new KeyFrameGuard();
  for (let i = 0; i < 10; i++) guard.asked(6 * i);
  expect(guard.asked(6000)).toBe('fine');
  expect(guard.asked(6006)).toBe('fine');
});

test('a request that is said several times at once is one', () => {
  const guard = new KeyFrameGuard();
  for (let i = 0; i < 40; i++) expect(guard.asked(Math.floor(i / 10) * 100)).toBe('fine');
});
