import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Seconds of CPU time, user and system, that the living threads of some processes have used so far: from
 * /proc/PID/task/TID/schedstat, which counts nanoseconds. A process that has ended has none.
 */
export function cpuSeconds(pids: readonly number[]): number {
  const nanoseconds = pids.flatMap((pid) => {
    const folder = `/proc/${pid}/task`;
    if (!existsSync(folder)) return [];
    return readdirSync(folder).map((thread) => Number(threadTime(`${folder}/${thread}/schedstat`)));
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

/** Bytes of memory of a process that are resident. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

function threadTime(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(' ')[0] ?? '0';
  } catch {
    return '0'; // The thread ended between the two looks.
  }
}
