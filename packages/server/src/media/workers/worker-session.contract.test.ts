import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startWorker } from './worker-session.ts';

const workerBin = process.env['ROOMKEY_WORKER_BIN'] ?? '';

test('what is asked of the engine in one turn goes to it in one write, and is answered', async () => {
  let child: ChildProcess | undefined;
  const heard = (message: unknown) => {
    child ??= (message as { process: ChildProcess }).process;
  };
  subscribe('child_process', heard);
  const { worker } = await startWorker({ workerBin, logLevel: 'error' });
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

test('a worker has no secret of the service in its environment, nor of anybody else', async () => {
  const secrets = {
    ROOMKEY_MASTER_KEY: 'ab'.repeat(32),
    ROOMKEY_METRICS_TOKEN: 'the token of the metrics',
    ROOMKEY_SECRET_KEY: 'the secret key of an application',
    AWS_SECRET_ACCESS_KEY: 'of another program',
  };
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { worker } = await startWorker({ workerBin, logLevel: 'error' });
  const environment = readFileSync(`/proc/${worker.pid}/environ`, 'utf8');
  for (const text of Object.entries(secrets).flat()) expect(environment).not.toContain(text);
  expect(environment).toContain('PATH=');
  expect(process.env).toMatchObject(secrets);
  worker.close();
});
