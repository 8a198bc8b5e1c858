import { createWorker, type types } from 'mediasoup';
import { expect, test } from 'vitest';
import { EngineDoor } from './engine.ts';

test('the engine shows what is open: no router without codecs, and no worker that is over', async () => {
  const door = new EngineDoor();
  const workerBin = process.env['ROOMKEY_WORKER_BIN'];
  const worker = await createWorker(workerBin === undefined ? {} : { workerBin });
  const mediaCodecs: types.RouterRtpCodecCapability[] = [
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  ];
  const tried = await worker.createRouter({ mediaCodecs });
  tried.close();
  const withoutMedia = await worker.createRouter();
  expect(withoutMedia.closed).toBe(false);
  expect(() => door.router).toThrow('no router yet');
  const router = await worker.createRouter({ mediaCodecs });
  expect(door.worker).toBe(worker);
  expect(door.router).toBe(router);
  worker.close();
  expect(() => door.worker).toThrow('no worker yet');
});
