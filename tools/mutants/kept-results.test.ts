import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetLoadedSurvivors } from './kept-results.ts';

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'roomkey-kept-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('a survivor whose code runs at loading is forgotten, every other result is kept', () => {
  const file = path.join(folder(), 'kept.json');
  const mutants = [
    { id: '1', status: 'Survived', static: true },
    { id: '2', status: 'Killed', static: true },
    { id: '3', status: 'Survived', static: false },
    { id: '4', status: 'NoCoverage' },
  ];
  writeFileSync(file, JSON.stringify({ schemaVersion: '1.0', files: { 'a.ts': { source: 'x', mutants } } }));
  forgetLoadedSurvivors(file);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    schemaVersion: '1.0',
    files: { 'a.ts': { source: 'x', mutants: mutants.slice(1) } },
  });
});

test('without results there is nothing to forget', () => {
  const file = path.join(folder(), 'kept.json');
  forgetLoadedSurvivors(file);
  writeFileSync(file, 'half a');
  forgetLoadedSurvivors(file);
  expect(readFileSync(file, 'utf8')).toBe('half a');
});
