import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The worker's exit code for "started by hand", when it is not told mediasoup's version (its `main.cpp`). */
const startedByHand = 41;

/**
 * Whether the file is a media worker that starts here: right architecture, all shared libraries found.
 * Takes a few milliseconds; it says nothing about media, which is what `smoke-test.ts` is for.
 */
export async function workerStarts(bin: string): Promise<boolean> {
  try {
    await promisify(execFile)(bin, [], { env: {}, timeout: 10_000 });
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === startedByHand;
  }
}
