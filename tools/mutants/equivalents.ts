import type { Equivalent } from './verdict.ts';

/** The mutants that do the same as the code. Whoever adds one says why nobody can tell the difference. */
export const equivalents: readonly Equivalent[] = [
  {
    file: 'packages/server/src/access/ticket-check.ts',
    mutator: 'BlockStatement',
    original: '{ return undefined; }',
    replacement: '{}',
    reason: 'a function that ends without a result gives undefined too',
  },
];
