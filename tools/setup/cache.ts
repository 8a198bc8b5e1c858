import os from 'node:os';
import path from 'node:path';
import type { Distribution } from './os-release.ts';
import { SetupError } from './setup-error.ts';

/** What a media worker in the cache was made for; it is good for nothing else. */
export interface WorkerIdentity {
  /** Version of mediasoup. */
  version: string;
  platform: string;
  arch: string;
  distribution: Distribution;
  recipe: string;
}

/** The places that belong to one worker in the cache. */
export interface CacheSlot {
  folder: string;
  /** The finished, tested worker; it appears here in one step. */
  bin: string;
  lock: string;
  /** The build in progress; kept over interruptions. */
  work: string;
  /** Output of the last build, kept when it failed. */
  log: string;
}

/** The folder name of a worker: one for each thing it depends on. */
export function cacheKey(identity: WorkerIdentity): string {
  const { version, platform, arch, distribution, recipe } = identity;
  return [version, platform, arch, distribution.id, distribution.version, recipe]
    .map((part) => part.replace(/[^\w.]+/g, '_'))
    .join('-');
}

/**
 * `$XDG_CACHE_HOME/roomkey/worker`, or `~/.cache/roomkey/worker`; a relative XDG_CACHE_HOME does not count (XDG base directories).
 * @throws SetupError for a user without a home who sets none.
 */
export const cacheRoot = (env: NodeJS.ProcessEnv = process.env, home?: string): string =>
  cacheFolder('worker', env, home);

/** The place of one sort of things in the cache; see {@link cacheRoot}. */
export function cacheFolder(sort: string, env: NodeJS.ProcessEnv = process.env, home?: string): string {
  const xdg = env['XDG_CACHE_HOME'];
  const base = xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(home ?? homeOfUser(), '.cache');
  return path.join(base, 'roomkey', sort);
}

function homeOfUser(): string {
  try {
    return os.homedir();
  } catch (error) {
    throw new SetupError(
      `this user has no home (${(error as Error).message}): set ROOMKEY_WORKER_BIN to a media worker, or XDG_CACHE_HOME to a folder`,
    );
  }
}

/** The places of one worker under `root`; nothing is made. */
export function cacheSlot(root: string, key: string): CacheSlot {
  const folder = path.join(root, key);
  return {
    folder,
    bin: path.join(folder, 'mediasoup-worker'),
    lock: path.join(folder, 'lock'),
    work: path.join(folder, 'work'),
    log: path.join(folder, 'build.log'),
  };
}
