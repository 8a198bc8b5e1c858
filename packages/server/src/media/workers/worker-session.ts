import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import { gatherWrites } from '../../gathered-writes.ts';
import { withEnvironment, workerEnvironment } from './worker-environment.ts';

/** The file descriptors on which a worker reads requests, and says what it has to say. */
const REQUESTS_FD = 3;
const ANSWERS_FD = 4;

/** A worker whose process runs. */
export interface StartedWorker {
  readonly worker: types.Worker;
  /** How many bytes were read of what it said so far: answers, and notices of what happened in it. */
  said(): number;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Starts a worker that only its owner can end: in a session of its own, so that Ctrl-C in a terminal or a
 * signal to the process group does not reach it, and without the listeners that the engine adds to this
 * process's SIGTERM and SIGINT, which would end every worker before members are told.
 *
 * Its environment holds nothing that it does not need: no secret of the service.
 *
 * What is asked of it in one turn of the event loop goes to it in one write.
 *
 * Rejects when the process cannot be started, for whatever reason of the system, with the error that says why.
 *
 * A service manager must signal the server alone as well: `KillMode=mixed` in systemd.
 * Without `setsid` on the PATH (macOS) the worker stays in this process's session.
 */
export function startWorker(settings: types.WorkerSettings): Promise<StartedWorker> {
  const maxListeners = process.getMaxListeners();
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const env = { ...workerEnvironment(process.env), ...inOwnSession };
  try {
    // The engine reads the environment, spawns and adds its listeners before this call returns.
    return withEnvironment(env, () => watchSpawn(() => createWorker(settings)));
  } finally {
    for (const [index, signal] of SIGNALS.entries()) {
      const added = process.listeners(signal).filter((listener) => !before[index]?.includes(listener));
      for (const listener of added) process.removeListener(signal, listener);
    }
    process.setMaxListeners(maxListeners);
  }
}

/**
 * The engine keeps its process to itself; Node tells of each process that it starts. We gather what is written to this one, and
 * hear why it could not be started: the engine listens for that too late when there are no descriptors for its pipes.
 */
function watchSpawn(spawnWorker: () => Promise<types.Worker>): Promise<StartedWorker> {
  let child: ChildProcess | undefined;
  let failure: Error | undefined;
  const failed = (error: Error) => {
    failure ??= error;
  };
  const heard = (message: unknown) => {
    child = (message as { process: ChildProcess }).process;
    child.on('error', failed);
  };
  subscribe('child_process', heard);
  try {
    return spawnWorker().then(
      (worker) => ({
        worker,
        said: () => (child?.stdio?.[ANSWERS_FD] as Socket | undefined)?.bytesRead ?? 0,
      }),
      async (error: unknown) => {
        // Node tells it after the call, and so after what the engine makes of a process that is none.
        await nextTurn();
        throw failure ?? error;
      },
    );
  } finally {
    unsubscribe('child_process', heard);
    // Pipes to a process that could not be made fail each by itself.
    for (const pipe of child?.stdio ?? []) pipe?.on('error', failed);
    const requests = child?.stdio?.[REQUESTS_FD];
    if (requests) gatherWrites(requests as Writable);
  }
}

const setsid = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'setsid'))
  .find(isExecutable);

/** Whether a file can be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// The engine offers no spawn option; what it offers is a program to run the worker under, meant for Valgrind.
// `setsid` becomes the worker without a fork (a spawned child leads no group), so the process id stays true.
const inOwnSession: NodeJS.ProcessEnv =
  setsid && !process.env['MEDIASOUP_USE_VALGRIND']
    ? { MEDIASOUP_USE_VALGRIND: 'true', MEDIASOUP_VALGRIND_BIN: setsid }
    : {};
