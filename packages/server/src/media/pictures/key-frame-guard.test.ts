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
  expect(firstAt('wait', 600)).toBe(6000);
  expect(firstAt('wait', 200)).toBe(3600);
});

test('what is wanted within half a second is one key frame now and one then, for the sender is asked no more often', () => {
  const guard = new KeyFrameGuard();
  const verdicts = [...Array.from({ length: 400 }, () => guard.begins(1000)), guard.asked(1499)];
  expect(verdicts).not.toContain('wait');
  // Three are left, and what a quarter of a second has brought.
  for (const ms of [1500, 2000, 2250]) expect(guard.begins(ms)).toBe('fine');
  expect(guard.begins(2250)).toBe('fine');
});

test('a receiver that begins again and again may do so as often as it may ask, and both count together', () => {
  const guard = new KeyFrameGuard();
  const verdicts = Array.from({ length: 20 }, (_, index) => {
    const ms = 1000 + 500 * index;
    return index % 2 === 0 ? guard.begins(ms) : guard.asked(ms);
  });
  expect(verdicts.indexOf('wait')).toBe(9);
});

test('to begin is not to ask: nobody has exceeded anything by it', () => {
  const guard = new KeyFrameGuard();
  for (let index = 0; index < 100; index++) guard.begins(100 * index);
  expect(guard.asked(9950)).not.toBe('exceeded');
});

test('what is heard later than it was said fills the store no second time', () => {
  const guard = new KeyFrameGuard();
  let ms = 10_000;
  while (guard.begins(ms) === 'fine') ms += 500;
  expect(guard.asked(ms - 600)).toBe('fine');
  expect(guard.begins(ms + 400)).toBe('wait');
  expect(guard.begins(ms + 500)).toBe('fine');
});

test('a receiver that waits may ask meanwhile, and when it goes on it may ask for three seconds', () => {
  const guard = new KeyFrameGuard();
  let ms = 0;
  while (guard.asked(ms) !== 'wait') ms += 200;
  for (let waited = 0; waited < 5; waited++) expect(guard.asked(ms + 200 * waited, true)).toBe('fine');
  ms += 1000;
  guard.goesOn(ms);
  const wentOn = ms;
  while (guard.asked(ms) !== 'wait') ms += 200;
  expect(ms - wentOn).toBeGreaterThanOrEqual(3000);
});

test('also while it waits, a receiver that asks for more than anybody needs has exceeded', () => {
  const guard = new KeyFrameGuard();
  const verdicts = Array.from({ length: 20 }, (_, index) => guard.asked(10 * index, true));
  expect(verdicts).toContain('exceeded');
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
