import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutations, outcomeOf } from './testing/mutants.ts';

test('no mutant of a good ticket proves anything that no key has signed, and they reach every check', () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(mutations, (mutation) => {
      const outcome = outcomeOf(mutation);
      outcomes.add(outcome);
      return outcome !== 'new claims';
    }),
    { numRuns: 20_000 },
  );
  expect(outcomes).toEqual(new Set(['malformed', 'unsafe', 'wrongApplication', 'forged', 'old claims']));
});
