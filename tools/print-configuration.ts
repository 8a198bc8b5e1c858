/** Writes the table of every setting into `docs/configuration.md`. Run: `node --conditions=source --import tsx tools/print-configuration.ts` */
import { readFileSync, writeFileSync } from 'node:fs';
import { configurationTable } from '@roomkey/server/config';

const page = new URL('../docs/configuration.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const [before, after] = [
  text.indexOf('\n| variable |'),
  text.indexOf('\n\n', text.indexOf('\n| variable |') + 1),
];
writeFileSync(page, `${text.slice(0, before)}\n${configurationTable()}${text.slice(after)}`);
