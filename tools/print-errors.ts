/** Writes the error table into `docs/errors.md`. Run: `node --conditions=source --import tsx tools/print-errors.ts` */
import { readFileSync, writeFileSync } from 'node:fs';
import { withErrorTable } from './error-table.ts';

const page = new URL('../docs/errors.md', import.meta.url);
writeFileSync(page, withErrorTable(readFileSync(page, 'utf8')));
