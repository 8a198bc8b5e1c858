import { readFileSync } from 'node:fs';
import { errors } from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { withErrorTable } from './error-table.ts';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

test('docs/errors.md is the error table that holds now (else run tools/print-errors.ts)', () => {
  expect(page).toBe(withErrorTable(page));
});

test('each name of the error table stands in docs/errors.md once', () => {
  const names = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(names).toEqual(Object.keys(errors));
});
