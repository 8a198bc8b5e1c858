import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mutations, outcomeOf } from './testing/mutants.ts';

test('no mutant of a good ticket proves anything that no key has signed', () => {
  fc.assert(
    fc.property(mutations, (mutation) => outcomeOf(mutation) !== 'new claims'),
    { numRuns: 8000 },
  );
});

test('a mutant without an expiry says what its donor says that expires at once', () => {
  const edits = [
    { how: 'delete', at: 4, byte: 0 },
    { how: 'take', at: 4, byte: 0 },
  ] as const;
  expect(outcomeOf({ layer: 'members', original: 0, donor: 1, level: 0, edits })).toBe('old claims');
});

test('the mutants reach every check that a change of a ticket can reach', () => {
  const outcomes = fc.sample(mutations, { numRuns: 3000, seed: 5 }).map(outcomeOf);
  expect(new Set(outcomes)).toEqual(
    new Set(['malformed', 'unsafe', 'wrongApplication', 'forged', 'old claims']),
  );
});
