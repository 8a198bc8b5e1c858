import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint, Stamp } from './stamp.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stamp-'));
  mkdirSync(path.join(root, 'src'));
  writeFileSync(path.join(root, 'src/a.ts'), 'a');
});

afterEach(() => rmSync(root, { recursive: true }));

const inputs = ['src', 'missing.json'];

test.each<[string, () => void]>([
  ['a new file', () => writeFileSync(path.join(root, 'src/b.ts'), '')],
  ['a file that is gone', () => rmSync(path.join(root, 'src/a.ts'))],
  ['another size', () => writeFileSync(path.join(root, 'src/a.ts'), 'aa')],
  ['another time', () => utimesSync(path.join(root, 'src/a.ts'), 1, 1)],
  ['an input that appears', () => writeFileSync(path.join(root, 'missing.json'), '')],
])('%s changes the fingerprint', (_, change) => {
  const before = fingerprint(root, inputs);
  change();
  expect(fingerprint(root, inputs)).not.toBe(before);
});

test('what is built does not change the fingerprint', () => {
  const before = fingerprint(root, inputs);
  mkdirSync(path.join(root, 'src/dist'));
  writeFileSync(path.join(root, 'src/dist/a.js'), '');
  writeFileSync(path.join(root, 'src/tsconfig.tsbuildinfo'), '');
  expect(fingerprint(root, inputs)).toBe(before);
});

test('a stamp matches what was written last and nothing else', () => {
  const stamp = new Stamp(path.join(root, 'state/stamp'));
  expect(stamp.matches('one')).toBe(false);
  stamp.write('one', []);
  expect(stamp.matches('one')).toBe(true);
  expect(stamp.matches('two')).toBe(false);
});

test('a stamp does not match when something that was made is gone', () => {
  const output = path.join(root, 'src/a.ts');
  const stamp = new Stamp(path.join(root, 'stamp'));
  stamp.write('one', [output]);
  expect(stamp.matches('one')).toBe(true);
  rmSync(output);
  expect(stamp.matches('one')).toBe(false);
});
