import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startWorker } from './worker-session.ts';

const workerBin = process.env['ROOMKEY_WORKER_BIN'] ?? '';

test('what is asked of the engine in one turn goes to it in one write, and is answered', async () => {
  let child: ChildProcess | undefined;
  const heard = (message: unknown) => {
    child ??= (message as { process: ChildProcess }).process;
  };
  subscribe('child_process', heard);
  const worker = await startWorker({ workerBin, logLevel: 'error' });
  unsubscribe('child_process', heard);
  const pipe = child?.stdio[3] as Writable;
  const [single, several] = [vi.spyOn(pipe, '_write'), vi.spyOn(pipe, '_writev')];
  const ask = async () => {
    await undefined;
    return worker.getResourceUsage();
  };
  const answers = Promise.all([worker.getResourceUsage(), ask(), ask()]);
  await nextTurn();
  expect(single).not.toHaveBeenCalled();
  expect(several).toHaveBeenCalledOnce();
  expect(await answers).toHaveLength(3);
  worker.close();
});
