import { spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import os from 'node:os';

const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A terminal and npm both pass on one press of Ctrl-C; signals closer together than this are one. */
const sameSignalMilliseconds = 250;

/**
 * Runs a Node program as if it were this process: its output, its signals, its exit code (128 and the signal's number when a
 * signal ended it).
 * @param source where the signals come from; this process by default.
 * @param program the Node.js to run it with; that of this process by default.
 */
export function runInForeground(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  source: EventEmitter = process,
  program: string = process.execPath,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // In a process group of its own, so that it gets each signal once, from here.
    const child = spawn(program, args, { env, stdio: 'inherit', detached: true });
    let last = Number.NEGATIVE_INFINITY;
    const forward = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (now - last > sameSignalMilliseconds) child.kill(signal);
      last = now;
    };
    for (const signal of signals) source.on(signal, forward);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) source.off(name, forward);
      resolve(code ?? 128 + (signal === null ? 0 : os.constants.signals[signal]));
    });
  });
}
