import { findWorker } from './setup/media-worker.ts';

/**
 * Vitest's global set-up for tests with real media: names the media worker in `ROOMKEY_WORKER_BIN`, which the test
 * processes inherit. Builds nothing.
 */
export async function setup(): Promise<void> {
  const bin = await findWorker();
  if (bin === undefined) throw new Error('there is no media worker yet: run `npm run setup` first');
  process.env['ROOMKEY_WORKER_BIN'] = bin;
}
