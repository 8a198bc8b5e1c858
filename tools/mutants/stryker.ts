import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../setup/cache.ts';
import { run } from '../setup/program.ts';
import { SetupError } from '../setup/setup-error.ts';

const description = fileURLToPath(new URL('stryker', import.meta.url));

/** Files that say which packages StrykerJS needs. */
const files = ['package.json', 'package-lock.json', '.npmrc'];

/**
 * StrykerJS in the cache, as the lock file beside this one says; npm installs it once.
 *
 * @returns the folder in which its `node_modules` is
 * @throws SetupError when npm does not provide it
 */
export async function provideStryker(report: (line: string) => void): Promise<string> {
  const lock = readFileSync(path.join(description, 'package-lock.json'), 'utf8');
  const { packages }: { packages: Record<string, { version?: string }> } = JSON.parse(lock);
  const version = packages['node_modules/@stryker-mutator/core']?.version;
  const recipe = createHash('sha256').update(lock).digest('hex').slice(0, 8);
  const slot = path.join(cacheFolder('stryker'), `${version}-${recipe}`);
  if (existsSync(slot)) return slot;
  report(`installing StrykerJS ${version} into the cache, once; half a minute`);
  await mkdir(path.dirname(slot), { recursive: true });
  const beside = await mkdtemp(`${slot}.`);
  try {
    for (const file of files) await cp(path.join(description, file), path.join(beside, file));
    const log = path.join(beside, 'npm.log');
    if ((await run('npm', ['ci'], { cwd: beside, log, logMode: 'w' })) !== 0)
      throw new SetupError(`npm could not install StrykerJS: ${readFileSync(log, 'utf8').trim()}`);
    await rename(beside, slot);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  return slot;
}
