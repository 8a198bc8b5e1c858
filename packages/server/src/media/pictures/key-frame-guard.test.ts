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

test('a receiver that begins again and again may do so as often as it may ask, and both count together', () => {
  const guard = new KeyFrameGuard();
  const begun = Array.from({ length: 60 }, (_, index) => guard.begins(1000 + 50 * index));
  expect(begun.filter((verdict) => verdict === 'fine')).toHaveLength(7);
  expect(guard.asked(3990)).toBe('wait');
  expect(guard.begins(5100)).toBe('fine');
  expect(guard.asked(5100)).toBe('fine');
  expect(guard.begins(5100)).toBe('wait');
});

test('to begin is not to ask: nobody has exceeded anything by it', () => {
  const guard = new KeyFrameGuard();
  for (let index = 0; index < 100; index++) guard.begins(10 * index);
  expect(guard.asked(995)).toBe('wait');
});

test('what is heard later than it was said fills the store no second time', () => {
  const guard = new KeyFrameGuard();
  for (let index = 0; index < 5; index++) guard.begins(10_000);
  expect(guard.asked(9_000)).toBe('wait');
  expect(guard.begins(10_500)).toBe('wait');
  expect(guard.begins(11_000)).toBe('fine');
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
