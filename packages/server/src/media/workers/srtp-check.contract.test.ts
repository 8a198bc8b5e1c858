import { expect, test } from 'vitest';
import { checkAddress, checkSrtp } from './srtp-check.ts';
import { startWorker } from './worker-session.ts';

test('a worker whose SRTP works is not blamed for a process that stands still meanwhile', async () => {
  const { worker } = await startWorker({
    workerBin: process.env['ROOMKEY_WORKER_BIN'] ?? '',
    logLevel: 'error',
  });
  let stalls = 0;
  const stall = () => {
    stalls++;
    for (const end = performance.now() + 2500; performance.now() < end; );
  };
  worker.observer.on('newrouter', (router) =>
    router.observer.on('newtransport', (transport) => {
      // The one that the packet should arrive at.
      if (transport.type !== 'direct') return;
      transport.observer.on('newconsumer', () => setImmediate(stall));
    }),
  );
  await checkSrtp(worker, checkAddress('127.0.0.1'));
  expect(stalls).toBe(1);
  worker.close();
});
