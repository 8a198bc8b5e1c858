import { type ChildProcess, spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { accessSync, constants, createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Interrupted } from './setup-error.ts';

/** The path of an executable that a shell would find under `name`. */
export function onPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/** How a program is run by `run`. */
export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** File that takes all output. */
  log: string;
  /** `a` to go on in the log, `w` to begin it anew. */
  logMode: 'a' | 'w';
  /** Sees every line of output. */
  onLine?: (line: string) => void;
  onStart?: (child: ChildProcess) => void;
  /** Where the signals come from; this process by default. */
  signals?: EventEmitter;
}

/**
 * Runs a program to its end in a process group of its own and gives its exit code (128 and more when a signal ended it).
 * SIGINT, SIGTERM and SIGHUP to this process end the whole group first.
 * @throws Interrupted after such a signal, once the program has ended.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<number> {
  const log = createWriteStream(options.log, { flags: options.logMode });
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let stopped: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopped ??= signal;
    if (child.pid !== undefined) killGroup(child.pid, 'SIGTERM');
  };
  const source = options.signals ?? process;
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) source.on(signal, stop);
  try {
    options.onStart?.(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      createInterface({ input: stream }).on('line', (line) => options.onLine?.(line));
    }
    const code = await ended(child);
    if (stopped !== undefined) throw new Interrupted(stopped);
    return code;
  } finally {
    for (const signal of signals) source.off(signal, stop);
    await new Promise<void>((resolve) => log.end(() => resolve()));
  }
}

/** Sends a signal to every process of a group; a group that is gone is no error. */
export function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
