import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';

/** The files that a process has open, sockets among them, and may have open. */
export interface Descriptors {
  readonly open: number;
  readonly limit: number;
}

/** How many files a process may have open (RLIMIT_NOFILE), and sockets with them; undefined where the system does not say. */
export function descriptorLimit(pid: number): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** How many files a process has open; undefined where the system does not say, or there is no such process. */
export async function openDescriptors(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/fd`;
  try {
    // Linux 6.2 and later say it at once; before, the size is 0 and the entries have to be counted.
    return (await stat(folder)).size || (await readdir(folder)).length;
  } catch {
    return undefined;
  }
}
