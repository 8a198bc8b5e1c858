import { expect, test } from 'vitest';
import { ReturnWait } from './return-wait.ts';

test('a picture that does not fit is tried again after a wait that doubles, up to half a minute', () => {
  const wait = new ReturnWait();
  const waits = [0, 1, 2, 3, 4, 5].map((at) => wait.next(at * 60_000).ms);
  expect(waits).toEqual([4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('one that came back for less than ten seconds is held, and waits longer; one that stayed begins anew', () => {
  const wait = new ReturnWait();
  expect(wait.next(0)).toEqual({ ms: 4000, holds: false });
  wait.returned(4000);
  expect(wait.next(6000)).toEqual({ ms: 8000, holds: true });
  wait.returned(14_000);
  wait.returned(23_000);
  expect(wait.next(24_000)).toEqual({ ms: 4000, holds: false });
});
