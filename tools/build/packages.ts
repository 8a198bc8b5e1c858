import { spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { acquireLock } from '../setup/lock.ts';
import { SetupError } from '../setup/setup-error.ts';
import { type Bundle, bundles, statics } from './bundles.ts';
import { fingerprint, Stamp } from './stamp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stateFolder = path.join(root, '.build');

/**
 * Builds every package to its `dist/`; when nothing changed since the last time that takes some milliseconds, and nothing is written.
 * In a tree that this user cannot write, what was built before is used.
 * @throws SetupError when the sources do not compile; the compiler's messages are on standard error. Also when they have never
 * been compiled and this user cannot write the tree.
 */
export async function buildPackages(): Promise<void> {
  const stamp = new Stamp(path.join(stateFolder, 'packages.stamp'));
  if (stamp.matches(sources())) return;
  if (!isWritable()) {
    if (!stamp.isWhole())
      throw new SetupError(
        `the packages are not built, and ${root} cannot be written: run "npm run build" as its owner`,
      );
    console.error(`build: ${root} cannot be written; what was built before is used`);
    return;
  }
  mkdirSync(stateFolder, { recursive: true });
  const release = await acquireLock(path.join(stateFolder, 'lock'), ({ pid }) =>
    console.error(`build: process ${pid} is already building; waiting for it`),
  );
  try {
    const current = sources();
    if (stamp.matches(current)) return;
    const start = Date.now();
    console.error('build: compiling the packages');
    compile();
    await Promise.all(bundles.map(bundle));
    for (const { from, to } of statics) {
      cpSync(path.join(root, from), path.join(root, to), { recursive: true });
    }
    stamp.write(current, outputs());
    console.error(`build: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    release();
  }
}

const sources = (): string =>
  fingerprint(root, ['packages', 'tools/build', 'tsconfig.base.json', 'package-lock.json']);

/** Whether this user can write what a build writes. */
function isWritable(): boolean {
  const places = ['packages', ...packageFolders(), existsSync(stateFolder) ? '.build' : '.'];
  try {
    for (const place of places) accessSync(path.join(root, place), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function compile(): void {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-b', ...packageFolders()], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupError('the packages do not compile');
}

async function bundle({ entry, outfile, format }: Bundle): Promise<void> {
  if (!existsSync(path.join(root, entry)))
    throw new SetupError(`${entry} is to be bundled but does not exist`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    format,
    bundle: true,
    minify: true,
    sourcemap: 'linked',
    platform: 'browser',
    target: 'es2022',
    // Workspace packages from their sources: one source map down to TypeScript, and no dependence on their `dist/`.
    conditions: ['source', 'module'],
    logLevel: 'warning',
  });
}

function outputs(): string[] {
  const places = [
    ...packageFolders().map((folder) => `${folder}/dist`),
    ...bundles.map(({ outfile }) => outfile),
  ];
  return places.map((place) => path.join(root, place)).filter((place) => existsSync(place));
}

function packageFolders(): string[] {
  return readdirSync(path.join(root, 'packages'))
    .map((name) => `packages/${name}`)
    .filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')));
}
