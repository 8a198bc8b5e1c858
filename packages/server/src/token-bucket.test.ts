import { FakeClock } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const bucketOf = (perSecond: number, burst: number) => {
  const clock = new FakeClock();
  return { clock, bucket: new TokenBucket({ perSecond, burst, now: () => clock.now() }) };
};
const takeAll = (bucket: TokenBucket, tries: number) =>
  Array.from({ length: tries }, () => bucket.take()).filter(Boolean).length;

test('a burst is let through at once, and nothing more', () => {
  const { bucket } = bucketOf(5, 10);
  expect(takeAll(bucket, 50)).toBe(10);
});

test('an empty bucket fills at its rate', () => {
  const { bucket, clock } = bucketOf(5, 10);
  takeAll(bucket, 50);
  clock.advance(600);
  expect(takeAll(bucket, 50)).toBe(3);
});

test('a long silence earns one burst and not more', () => {
  const { bucket, clock } = bucketOf(5, 10);
  clock.advance(3_600_000);
  expect(takeAll(bucket, 50)).toBe(10);
});
