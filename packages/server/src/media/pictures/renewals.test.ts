import { expect, test } from 'vitest';
import { Renewals } from './renewals.ts';

const receiver = () => ({});

test('each time that a picture was begun anew and made anew in vain, it is looked at half as often, at last every thirty seconds', () => {
  const renewals = new Renewals();
  const one = receiver();
  const looks = Array.from({ length: 14 }, () => {
    const ms = renewals.lookMs(one);
    renewals.mended(one);
    return ms;
  });
  expect(looks).toEqual([1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 30, 30, 30, 30].map((seconds) => 1000 * seconds));
});

test('a receiver to whom it flows begins anew, and so does every other one', () => {
  const renewals = new Renewals();
  const [one, other] = [receiver(), receiver()];
  for (let mends = 0; mends < 2; mends++) renewals.mended(one);
  expect(renewals.lookMs(one)).toBe(2000);
  expect(renewals.lookMs(other)).toBe(1000);
  renewals.flows(one);
  expect(renewals.lookMs(one)).toBe(1000);
});
