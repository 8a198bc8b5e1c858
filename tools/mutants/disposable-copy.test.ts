import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runnerIn, withDisposableCopy } from './disposable-copy.ts';

/** A repository with a package of its own and two installed ones, and a folder with StrykerJS. */
function places() {
  const base = mkdtempSync(path.join(os.tmpdir(), 'roomkey-copied-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(base, file)), { recursive: true });
    writeFileSync(path.join(base, file), text);
  };
  write('root/packages/own/index.ts', 'as it was');
  write('root/packages/own/dist/index.js', 'built');
  write('root/node_modules/zod/index.js', 'zod');
  write('root/node_modules/@types/ws/index.d.ts', 'ws');
  mkdirSync(path.join(base, 'root/node_modules/@roomkey'));
  symlinkSync('../../packages/own', path.join(base, 'root/node_modules/@roomkey/own'));
  write('stryker/node_modules/@stryker-mutator/vitest-runner/dist/src/index.js', 'runner');
  return { root: path.join(base, 'root'), stryker: path.join(base, 'stryker') };
}

test('a change in the copy leaves the repository as it was, also through its own packages', async () => {
  const { root, stryker } = places();
  const read = (folder: string, file: string) => readFileSync(path.join(folder, file), 'utf8');
  const copied = await withDisposableCopy(root, stryker, async (copy) => {
    writeFileSync(path.join(copy, 'packages/own/index.ts'), 'mutated');
    expect(read(copy, 'node_modules/@roomkey/own/index.ts')).toBe('mutated');
    expect(read(copy, 'node_modules/zod/index.js')).toBe('zod');
    expect(read(copy, 'node_modules/@types/ws/index.d.ts')).toBe('ws');
    expect(existsSync(path.join(copy, 'packages/own/dist'))).toBe(false);
    expect(readFileSync(runnerIn(copy), 'utf8')).toBe('runner');
    return copy;
  });
  expect(read(root, 'packages/own/index.ts')).toBe('as it was');
  expect(existsSync(copied)).toBe(false);
});

test('the copy is removed when its use fails', async () => {
  const { root, stryker } = places();
  let copied = '';
  const failing = withDisposableCopy(root, stryker, async (copy) => {
    copied = copy;
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(copied).not.toBe('');
  expect(existsSync(copied)).toBe(false);
});
