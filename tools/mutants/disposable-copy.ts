import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Interrupted } from '../setup/setup-error.ts';

/** Folders that are no sources, wherever they are. */
const skipped = new Set(['node_modules', 'dist', '.build', '.git', 'coverage', 'data']);

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** StrykerJS's half that runs Vitest. */
const runner = path.join('node_modules', '@stryker-mutator', 'vitest-runner');

/**
 * Calls `use` with a copy of the repository in which files may be changed at will, and removes the copy in the end. The copy has
 * the installed packages of the repository by links; its own packages are the copied ones.
 *
 * StrykerJS's runner is copied into it, so that it finds the Vitest that the tests import.
 * @param stryker the folder whose `node_modules` has StrykerJS
 * @throws Interrupted after a signal to this process, as soon as the copy is made, or from `use`
 */
export async function withDisposableCopy<T>(
  root: string,
  stryker: string,
  use: (copy: string) => Promise<T>,
): Promise<T> {
  let stopped: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped ??= signal;
  };
  for (const signal of signals) process.on(signal, stop);
  const copy = await mkdtemp(path.join(await realpath(os.tmpdir()), 'roomkey-mutants-'));
  try {
    await cp(root, copy, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (from) => !skipped.has(path.basename(from)),
    });
    await linkPackages(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    await cp(path.join(stryker, runner), path.join(copy, runner), { recursive: true });
    await symlink(path.join(stryker, 'node_modules'), path.join(copy, runner, 'node_modules'));
    if (stopped) throw new Interrupted(stopped);
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true, maxRetries: 5 });
    for (const signal of signals) process.off(signal, stop);
  }
}

/** The runner in a copy, as StrykerJS takes it for a plugin. */
export const runnerIn = (copy: string): string => path.join(copy, runner, 'dist/src/index.js');

/** Links each package; a package of the repository itself keeps its relative link, and so is that of the copy. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isSymbolicLink()) await cp(source, target, { verbatimSymlinks: true });
    else if (entry.name.startsWith('@')) await linkPackages(source, target);
    else if (!entry.name.startsWith('.')) await symlink(source, target);
  }
}
