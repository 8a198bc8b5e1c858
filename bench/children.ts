import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** When this process ends, also by a signal, every process that it has started ends too. */
export function endChildrenWithUs(): void {
  process.on('exit', () => {
    for (const pid of children()) process.kill(pid, 'SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

const children = (): number[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
