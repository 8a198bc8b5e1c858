import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renewed, tables, type Verdicts } from './page.ts';
import type { Verdict } from './verdict.ts';

const verdict: Verdict = { killed: 8, timedOut: 1, survivors: [], explained: 2, score: 90, faults: [] };
const survivor = {
  file: 'x.ts',
  line: 1,
  lineText: 'a || b',
  mutator: 'LogicalOperator',
  original: 'a || b',
  replacement: 'a && b',
  status: 'Survived',
} as const;

test('a folder has a row, and a survivor another', () => {
  const verdicts: Verdicts = new Map([['access', { ...verdict, survivors: [survivor], score: 80 }]]);
  expect(tables(verdicts)).toContain('| `access` | 12 | 8 | 1 | 2 | 1 | 80.00 |');
  expect(tables(verdicts)).toContain('| `x.ts` | `a \\|\\| b` | `a && b` |');
});

test('docs/proof.md has a part for the tables, and all else stays as it is', () => {
  const page = readFileSync(new URL('../../docs/proof.md', import.meta.url), 'utf8');
  const once = renewed(page, new Map([['access', verdict]]));
  expect(once).toContain('| `access` | 11 | 8 | 1 | 2 | 0 | 90.00 |');
  expect(renewed(once, new Map([['rooms', verdict]]))).not.toContain('`access` | 11');
  const [head] = page.split('<!-- printed by `npm run mutants');
  expect(once.startsWith(head ?? '-')).toBe(true);
  expect(once.endsWith(page.slice(-2000))).toBe(true);
});

test('a page without a part for the tables is refused', () => {
  expect(() => renewed('# Proof\n', new Map())).toThrow('no part for the mutants');
});
