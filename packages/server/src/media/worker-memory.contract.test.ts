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

test('a worker that got too much memory is ended when nobody uses it any more, and another takes members', async () => {
  const plane = await start({ workerMemory: 40_000_000 });
  const place = plane.place('room');
  const open = async (index: number) => {
    const transport = { kind: 'webrtc', place, room: 'room', direction: 'recv' } as const;
    await plane.openTransport({ ...transport, transportId: `transport ${index}` });
  };
  let opened = 0;
  await until(() => plane.ready);
  while (plane.hasMemory && opened < 10_000) await open(opened++).catch(() => {});
  expect([plane.ready, (await plane.snapshot()).restarts]).toEqual([false, 0]);
  plane.closeRoom('room');
  await until(() => plane.ready);
  expect((await plane.snapshot()).restarts).toBe(1);
  expect(plane.place('another room').placeId).not.toBe(place.placeId);
});
