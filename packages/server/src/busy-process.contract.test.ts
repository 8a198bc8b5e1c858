import { Permission } from '@roomkey/tickets/permissions';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MediasoupPlane } from './media/index.ts';
import { CallStage, expectHearing, pause, workerPid } from './wire-call.fixture.ts';

const STALL_MS = 2000;

const stall = () => {
  for (const end = performance.now() + STALL_MS; performance.now() < end; );
};

/** Stalls three times, each time as soon as the timers of a second have run. */
const stallOften = () =>
  new Promise<void>((resolve) => {
    let stalls = 0;
    const again = setInterval(() => {
      stall();
      stalls++;
      if (stalls < 3) return;
      clearInterval(again);
      resolve();
    }, 1000);
  });

let stage: CallStage;

beforeEach(() => {
  stage = new CallStage();
});

afterEach(() => stage.close());

test('a server that stands still for two seconds cuts nobody: no connection, no transport, no worker', async () => {
  const { ana, bob } = await stage.call({ ROOMKEY_PING_SECONDS: '1' });
  const worker = workerPid();
  await stallOften();
  // A change that takes something from ana, and waits for the worker while the process is busy.
  const changed = ana.wire.ask('setMuted', { trackId: ana.trackId, muted: true });
  const taken = stage.operate((admin) =>
    admin.call('member.setDenied', {
      sdkAppId: stage.sdkAppId,
      room: { roomId: 1 },
      users: { only: ['ana'] },
      mask: Permission.sendVideo,
      value: Permission.sendVideo,
      cause: 'for a test',
    }),
  );
  await pause(5);
  stall();
  await Promise.all([changed, taken]);
  await ana.wire.ask('setMuted', { trackId: ana.trackId, muted: false });
  await Promise.all([expectHearing(ana), expectHearing(bob)]);
  for (const { wire } of [ana, bob]) {
    const heard = wire.said.map(({ method }) => method);
    for (const loss of ['mediaLost', 'trackClosed', 'memberLeft', 'consumerClosed'])
      expect(heard).not.toContain(loss);
    expect(wire.socket.readyState).toBe(wire.socket.OPEN);
  }
  expect(workerPid()).toBe(worker);
});

test('a worker that is healthy is not judged by looks and deadlines that passed while the process was busy', async () => {
  const plane = await MediasoupPlane.create({
    workerBin: process.env['ROOMKEY_WORKER_BIN'] as string,
    listenIp: '127.0.0.1',
    workers: 1,
    deadlineMs: 500,
    hangSeconds: 1,
  });
  stage.undo.push(() => plane.close());
  const lost: string[] = [];
  plane.listen({
    placeLost: () => lost.push('place'),
    transportLost: (_room, id) => lost.push(id),
    available: () => {},
    bitrateExceeded: () => {},
    keyFramesExceeded: () => {},
    pictureWaits: () => {},
    pictureFrozen: () => {},
  });
  await stallOften();
  const place = plane.place('room');
  const transport = { kind: 'webrtc', place, room: 'room', direction: 'send' } as const;
  for (const transportId of ['closed', 'concerned']) {
    const opened = plane.openTransport({ ...transport, transportId });
    stall();
    await opened;
  }
  plane.closeTransport('closed');
  const confirmed = plane.confirmClosed(place, ['concerned']);
  const restarted = plane.restartIce('concerned');
  stall();
  await Promise.all([confirmed, restarted]);
  expect(lost).toEqual([]);
});
