import { createWorker } from 'mediasoup';
import { expect, test } from 'vitest';
import { EngineDoor } from './engine.ts';

test('the engine shows what is open: not the router that a worker tried itself with, and no worker that is over', async () => {
  const door = new EngineDoor();
  const workerBin = process.env['ROOMKEY_WORKER_BIN'];
  const worker = await createWorker(workerBin === undefined ? {} : { workerBin });
  const tried = await worker.createRouter();
  tried.close();
  expect(() => door.router).toThrow('no router yet');
  const router = await worker.createRouter();
  expect(door.worker).toBe(worker);
  expect(door.router).toBe(router);
  worker.close();
  expect(() => door.worker).toThrow('no worker yet');
});
