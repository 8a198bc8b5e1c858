import { expect, test } from 'vitest';
import { listenForMedia, MediaStartError, openSentCheck, startProcess } from './worker-start.ts';

const settings = {
  workerBin: process.env['ROOMKEY_WORKER_BIN'],
  listenIp: '127.0.0.1',
  log: () => {},
};

test('a worker that ends while it is asked what has left it does not count as one that has started', async () => {
  const { worker } = await startProcess(settings);
  const server = await listenForMedia(worker, 0, settings);
  worker.observer.on('newrouter', (router) =>
    router.observer.on('newtransport', () => process.kill(worker.pid, 'SIGKILL')),
  );
  await expect(openSentCheck(worker, server, settings)).rejects.toThrow(MediaStartError);
});
