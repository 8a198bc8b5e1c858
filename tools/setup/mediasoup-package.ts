import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SetupError } from './setup-error.ts';

/** The installed mediasoup package that the server loads; the worker must be of the same version. */
export interface MediasoupPackage {
  version: string;
  /** The worker's C++ source. */
  workerSource: string;
  /** Where mediasoup's own installer looks for prebuilt workers. */
  releases: string;
}

/**
 * Finds the package as the server would.
 * @throws SetupError when the dependencies are not installed.
 */
export function findMediasoup(): MediasoupPackage {
  const require = createRequire(new URL('../../packages/server/package.json', import.meta.url));
  let root: string;
  try {
    root = path.resolve(path.dirname(require.resolve('mediasoup')), '../..');
  } catch {
    throw new SetupError('mediasoup is not installed: run `npm ci` first');
  }
  const manifest: { version: string; repository: { url: string } } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  const repository = manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  return {
    version: manifest.version,
    workerSource: path.join(root, 'worker'),
    releases: `${repository}/releases/download`,
  };
}
