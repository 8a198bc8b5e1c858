import { expect, test } from 'vitest';
import { DelayListPolicy } from './reconnect-policy.ts';

test('delays follow the list, stretched by up to a half', () => {
  let random = 0;
  const policy = new DelayListPolicy([100, 200], () => random);
  expect(policy.delayBefore(1)).toBe(100);
  random = 1;
  expect(policy.delayBefore(2)).toBe(300);
});

test('after the list it gives up', () => {
  expect(new DelayListPolicy([100]).delayBefore(2)).toBeNull();
});

test('the default tries for about two minutes', () => {
  const policy = new DelayListPolicy(undefined, () => 0);
  let total = 0;
  for (let attempt = 1; ; attempt += 1) {
    const delay = policy.delayBefore(attempt);
    if (delay === null) break;
    total += delay;
  }
  expect(total).toBeGreaterThan(90_000);
  expect(total).toBeLessThan(150_000);
});
