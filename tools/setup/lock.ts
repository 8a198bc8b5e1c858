import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

/** Gives the lock back. */
export type Release = () => void;

/**
 * Takes the lock file at `file`, waiting while a living process holds it; a lock whose holder is gone is taken over.
 * @param onWait called once, with the holder, when there is someone to wait for.
 */
export async function acquireLock(
  file: string,
  onWait: (holder: ProcessIdentity) => void,
  pollMilliseconds = 500,
): Promise<Release> {
  let waited = false;
  for (;;) {
    if (tryLock(file)) return () => release(file);
    const holder = readLock(file);
    if (holder === undefined || !isAlive(holder)) {
      breakLock(file);
      continue;
    }
    if (!waited) onWait(holder);
    waited = true;
    await sleep(pollMilliseconds);
  }
}

/** A link to a complete file, so that nobody ever reads half a lock. */
function tryLock(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify()));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function release(file: string): void {
  if (readLock(file)?.pid === process.pid) rmSync(file, { force: true });
}

function readLock(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const { pid, started } = value as Partial<ProcessIdentity>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function breakLock(file: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Between reading and renaming, another set-up may have broken the stale lock and taken it: that one is put back.
  const taken = readLock(aside);
  if (taken !== undefined && isAlive(taken)) {
    try {
      linkSync(aside, file);
    } catch {
      // Someone else holds it by now; both are waited for in turn.
    }
  }
  rmSync(aside, { force: true });
}
