import { expect, test } from 'vitest';
import { Renewals } from './renewals.ts';

const receiver = () => ({});

test('each time that a picture was received anew in vain, it is looked at half as often, at last every thirty seconds', () => {
  const renewals = new Renewals();
  const one = receiver();
  const looks = Array.from({ length: 8 }, () => {
    const ms = renewals.lookMs(one);
    renewals.renewed(one);
    return ms;
  });
  expect(looks).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('a receiver to whom it flows begins anew, and so does every other one', () => {
  const renewals = new Renewals();
  const [one, other] = [receiver(), receiver()];
  renewals.renewed(one);
  expect(renewals.lookMs(other)).toBe(1000);
  renewals.flows(one);
  expect(renewals.lookMs(one)).toBe(1000);
});
