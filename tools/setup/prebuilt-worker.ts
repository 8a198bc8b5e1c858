import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { MediasoupPackage } from './mediasoup-package.ts';

/** The name of a prebuilt worker's archive, as mediasoup's own installer builds it. */
export function prebuiltName(version: string, platform: string, arch: string, release: string): string {
  const kernel = platform === 'linux' ? `-kernel${Number.parseInt(release, 10)}` : '';
  return `mediasoup-worker-${version}-${platform}-${arch}${kernel}.tgz`;
}

/** A worker that was fetched, or in a few words why there is none. */
export type Fetched = { bin: string } | { reason: string };

/**
 * Fetches the official worker into `folder`.
 * `MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL` and `MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD` mean what they mean to mediasoup.
 */
export async function fetchPrebuiltWorker(
  mediasoup: MediasoupPackage,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
  connectMilliseconds = 5_000,
): Promise<Fetched> {
  if (env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) {
    return { reason: 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set' };
  }
  const base = env['MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL'] || mediasoup.releases;
  const name = prebuiltName(mediasoup.version, os.platform(), os.arch(), os.release());
  const url = `${base}/${mediasoup.version}/${name}`;
  const archive = await download(url, connectMilliseconds);
  if (typeof archive === 'string') return { reason: archive };

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, archive);
  const tar = spawnSync('tar', ['-xzf', file, '-C', folder]);
  if (tar.status !== 0) return { reason: `${url} is no archive that tar can read` };
  const bin = path.join(folder, 'mediasoup-worker');
  chmodSync(bin, 0o755);
  return { bin };
}

const downloadMilliseconds = 120_000;

/** The content, or why it could not be had. */
async function download(url: string, connectMilliseconds: number): Promise<Uint8Array | string> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), connectMilliseconds);
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) return `${host} answered ${response.status}`;
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), downloadMilliseconds);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (abort.signal.aborted) return `${host} did not answer in time`;
    const { cause } = error as { cause?: NodeJS.ErrnoException };
    return `${host} cannot be reached (${cause?.code ?? (error as Error).message})`;
  } finally {
    clearTimeout(timer);
  }
}
