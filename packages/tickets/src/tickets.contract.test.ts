import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { mutations, outcomeOf } from './testing/mutants.ts';

const stackTraceLimit = Error.stackTraceLimit;

beforeAll(() => {
  Error.stackTraceLimit = 0;
});

afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

test('of a million mutants of good tickets none proves anything that no key has signed', {
  timeout: 900_000,
}, () => {
  fc.assert(
    fc.property(mutations, (mutation) => outcomeOf(mutation) !== 'new claims'),
    { numRuns: 1_000_000 },
  );
});
