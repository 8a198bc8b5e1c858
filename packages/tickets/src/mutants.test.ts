import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutations, outcomeOf } from './testing/mutants.ts';

test('no mutant of a good ticket proves anything that no key has signed', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(mutations, (mutation) => outcomeOf(mutation) !== 'new claims'),
    { numRuns: 8000 },
  );
});

test('the mutants reach every check that a change of a ticket can reach', { timeout: 60_000 }, () => {
  const outcomes = fc.sample(mutations, { numRuns: 3000, seed: 5 }).map(outcomeOf);
  expect(new Set(outcomes)).toEqual(
    new Set(['malformed', 'unsafe', 'wrongApplication', 'forged', 'old claims']),
  );
});
