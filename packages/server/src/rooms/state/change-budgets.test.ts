import { expect, test } from 'vitest';
import { ChangeBudgets } from './change-budgets.ts';

/** Five changes a second, bursts of twenty. */
function budgets() {
  const clock = { now: 0 };
  return { clock, budgets: new ChangeBudgets(5, () => clock.now) };
}

test('who leaves and enters again has no more changes than who stays', () => {
  const { clock, budgets: all } = budgets();
  const { bucket, isKnown } = all.of('ana');
  expect(isKnown).toBe(false);
  all.entered('ana', bucket);
  for (let change = 0; change < 20; change++) expect(bucket.take()).toBe(true);
  all.left('ana');
  clock.now = 1000;
  const again = all.of('ana');
  expect(again).toEqual({ bucket, isKnown: true });
  expect([1, 2, 3, 4, 5, 6].map(() => again.bucket.take())).toEqual([true, true, true, true, true, false]);
});

test('who has all its changes again is forgotten, unless it is inside', () => {
  const { clock, budgets: all } = budgets();
  for (const userId of ['ana', 'bob']) all.entered(userId, all.of(userId).bucket);
  all.left('bob');
  clock.now = 4000;
  expect([all.of('ana').isKnown, all.of('bob').isKnown]).toEqual([true, false]);
});
