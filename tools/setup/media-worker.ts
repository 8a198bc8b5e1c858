import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CacheSlot, cacheKey, cacheRoot, cacheSlot } from './cache.ts';
import { acquireLock } from './lock.ts';
import { findMediasoup, type MediasoupPackage } from './mediasoup-package.ts';
import { readDistribution } from './os-release.ts';
import { fetchPrebuiltWorker } from './prebuilt-worker.ts';
import { describeTime, type Screen } from './progress.ts';
import { recipeVersion } from './recipe.ts';
import { buildRequirements, ensureRequirements } from './requirement.ts';
import { SetupError } from './setup-error.ts';
import { buildWorker } from './worker-build.ts';
import { workerStarts } from './worker-start.ts';

/** The settings that name a media worker, first one first. */
const settings = ['ROOMKEY_WORKER_BIN', 'MEDIASOUP_WORKER_BIN'] as const;

/**
 * The path of a media worker that starts: the one that a setting names, else the one in the cache.
 * Builds and fetches nothing; undefined when there is none.
 * @throws SetupError when a setting names something that is no worker, or mediasoup is not installed.
 */
export async function findWorker(): Promise<string | undefined> {
  const named = await namedWorker();
  if (named !== undefined) return named.bin;
  const { bin } = slotOf(findMediasoup());
  return (await workerStarts(bin)) ? bin : undefined;
}

/**
 * The path of a media worker that works; fetched or built first when there is none.
 * @param report takes lines for the user, among them one that says where the worker came from.
 * @param screen shows the build's progress.
 * @throws SetupError that says what is missing, or Interrupted.
 */
export async function ensureWorker(report: (line: string) => void, screen: Screen): Promise<string> {
  const named = await namedWorker();
  if (named !== undefined) {
    report(`media worker: the one that ${named.setting} names`);
    return named.bin;
  }
  const mediasoup = findMediasoup();
  const slot = slotOf(mediasoup);
  if (await workerStarts(slot.bin)) {
    report(`media worker: from the cache, ${slot.bin}`);
    return slot.bin;
  }
  makeFolder(slot);
  const release = await acquireLock(slot.lock, ({ pid }) =>
    report(`process ${pid} is already setting up the media worker; waiting for it`),
  );
  try {
    if (await workerStarts(slot.bin)) {
      report(`media worker: from the cache, ${slot.bin}`);
      return slot.bin;
    }
    report(await makeWorker(mediasoup, slot, report, screen));
    return slot.bin;
  } finally {
    release();
  }
}

/** Puts a worker into the slot and says in a line how. */
async function makeWorker(
  mediasoup: MediasoupPackage,
  slot: CacheSlot,
  report: (line: string) => void,
  screen: Screen,
): Promise<string> {
  const folder = path.join(slot.folder, 'prebuilt');
  const fetched = await fetchPrebuiltWorker(mediasoup, folder);
  const refusal = 'bin' in fetched ? await refusalOf(fetched.bin) : fetched.reason;
  if ('bin' in fetched && refusal === undefined) {
    keep(fetched.bin, slot);
    rmSync(folder, { recursive: true, force: true });
    return `media worker: the prebuilt one of mediasoup ${mediasoup.version}, ${slot.bin}`;
  }
  rmSync(folder, { recursive: true, force: true });
  report(`no prebuilt media worker (${refusal})`);

  const start = Date.now();
  ensureRequirements(buildRequirements, 'the build of the media worker', report);
  report('building the media worker here, once; that takes some minutes');
  const built = await buildWorker(mediasoup.workerSource, slot, screen);
  const fault = await refusalOf(built);
  if (fault !== undefined) {
    throw new SetupError(
      `the media worker was built but does not work (${fault}); the build is in ${slot.work}`,
    );
  }
  keep(built, slot);
  for (const leftover of [slot.work, slot.log]) rmSync(leftover, { recursive: true, force: true });
  return `media worker: built in ${describeTime(Date.now() - start)}, ${slot.bin}`;
}

/** Why a new worker is no good; undefined when it passes the smoke test. */
async function refusalOf(bin: string): Promise<string | undefined> {
  if (!(await workerStarts(bin))) return 'it does not start here';
  const program = fileURLToPath(new URL('smoke-test.ts', import.meta.url));
  try {
    // A process of its own: mediasoup leaves signal handlers behind.
    execFileSync(process.execPath, ['--import', 'tsx', program, bin], {
      cwd: path.dirname(program),
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
    });
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    const reason = /^\w*Error.*$/m.exec(stderr ?? '')?.[0] ?? 'no reason given';
    return `it failed the smoke test: ${reason}`;
  }
}

/** Into the cache in one step, so that a worker found there is whole. */
function keep(bin: string, slot: CacheSlot): void {
  const beside = `${slot.bin}.new`;
  copyFileSync(bin, beside);
  chmodSync(beside, 0o755);
  renameSync(beside, slot.bin);
}

async function namedWorker(): Promise<{ bin: string; setting: string } | undefined> {
  for (const setting of settings) {
    const value = process.env[setting];
    if (value === undefined || value === '') continue;
    const bin = path.resolve(value);
    if (!(await workerStarts(bin))) {
      throw new SetupError(
        `${setting} names ${bin}, which is no media worker that starts here: correct or unset it`,
      );
    }
    return { bin, setting };
  }
  return undefined;
}

function slotOf(mediasoup: MediasoupPackage): CacheSlot {
  const key = cacheKey({
    version: mediasoup.version,
    platform: os.platform(),
    arch: os.arch(),
    distribution: readDistribution(),
    recipe: recipeVersion(),
  });
  return cacheSlot(cacheRoot(), key);
}

function makeFolder(slot: CacheSlot): void {
  try {
    mkdirSync(slot.folder, { recursive: true });
  } catch (error) {
    const reason = (error as Error).message;
    throw new SetupError(`the cache cannot be written (${reason}): set XDG_CACHE_HOME to a folder of yours`);
  }
}
