import { constants } from 'node:os';

const pids = new Set<number>();
let listening = false;

/** Ends a process when this one ends, also by a signal, if it still runs then; returns the undo. */
export function endsWithUs(pid: number): () => void {
  if (!listening) listen();
  pids.add(pid);
  return () => pids.delete(pid);
}

function listen(): void {
  listening = true;
  process.on('exit', () => {
    for (const pid of pids) end(pid);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
