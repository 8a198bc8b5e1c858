import { expect, test } from 'vitest';
import { start, unavailable, until } from './plane.fixture.ts';

test('a worker that has more memory than it may takes no more members and says so', async () => {
  const logged: string[] = [];
  const plane = await start({ workerMemory: 1000, log: (_level, message) => logged.push(message) });
  const place = plane.place('room');
  await until(() => !plane.hasMemory);
  expect(plane.ready).toBe(false);
  const transport = { kind: 'webrtc', place, room: 'room', transportId: 'late', direction: 'recv' } as const;
  await expect(plane.openTransport(transport)).rejects.toMatchObject({
    ...unavailable,
    message: expect.stringContaining('memory'),
  });
  expect(() => plane.place('another room')).toThrow('No media worker takes more members');
  const [worker] = (await plane.snapshot()).workers;
  expect(worker?.memory?.limit).toBe(1000);
  expect(worker?.memory?.used).toBeGreaterThan(1_000_000);
  expect(logged.filter((line) => line.includes('too much memory'))).toHaveLength(1);
});

test('by default a worker has memory', async () => {
  const plane = await start();
  await until(async () => (await plane.snapshot()).workers[0]?.memory !== undefined);
  expect([plane.ready, plane.hasMemory]).toEqual([true, true]);
});
