import { existsSync } from 'node:fs';
import { EngineDoor } from '@roomkey/testkit/engine';
import { RtpPeer, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import type { types } from 'mediasoup';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { MediaEvents } from '../ports/index.ts';
import { MediasoupPlane } from './index.ts';
import { openTransports } from './plane.fixture.ts';

/*
 * The engine packs every message to a worker in one buffer. A throw half-way through one leaves the buffer unusable: from
 * then on everything throws that has anything to tell the worker, closings among them.
 */

const microphone: SentStream = { mid: '0', kind: 'audio', ssrc: 1111, payloadType: 111 };
const unavailable = { code: 'mediaUnavailable' };

const planes: MediasoupPlane[] = [];
afterEach(() => Promise.all(planes.splice(0).map((plane) => plane.close())));

/** A plane with what it told and logged, and the engine behind it. */
async function start(events?: MediaEvents) {
  const engine = new EngineDoor();
  const logged: string[] = [];
  const plane = await MediasoupPlane.create({
    workerBin: process.env['ROOMKEY_WORKER_BIN'],
    listenIp: '127.0.0.1',
    workers: 1,
    consentSeconds: 2,
    // What is lost here is not lost because it hangs.
    hangSeconds: 1000,
    log: (_level, message) => logged.push(message),
  });
  planes.push(plane);
  const lost: string[] = [];
  plane.listen({
    placeLost: ({ placeId }) => lost.push(placeId),
    available: () => {},
    bitrateExceeded: () => {},
    keyFramesExceeded: () => {},
    pictureWaits: () => {},
    pictureFrozen: () => {},
    transportLost: () => {},
    ...events,
  });
  return { plane, engine, lost, logged };
}

const track = {
  trackId: 'track',
  transportId: 'send',
  kind: 'audio',
  slot: 'microphone',
  rtpParameters: sentParameters(microphone),
} as const;

/** A room with a track and a consumer of it. */
async function fill(plane: MediasoupPlane, place = plane.place('room')) {
  const { send } = await openTransports(plane, place);
  await plane.openTrack(track);
  const consumer = { consumerId: 'consumer', transportId: 'recv', trackId: 'track' };
  await plane.openConsumer({ ...consumer, rtpCapabilities: plane.rtpCapabilities });
  return { place, send };
}

const until = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 20 });

/** A track that the engine begins to pack and cannot. */
const unpackable = {
  ...track,
  trackId: 'unpackable',
  rtpParameters: {
    ...track.rtpParameters,
    mid: '9',
    encodings: [{ ssrc: 5, maxBitrate: 40_000.5 }],
  },
};

/** Breaks the buffer behind the plane's back: it has seen no failure yet. */
function breakBuffer(engine: EngineDoor): void {
  engine.receiving[0]?.produce(unpackable as types.ProducerOptions).catch(() => {});
}

test('a message that cannot be packed costs the worker: its place is lost, and the next one serves', async () => {
  const { plane, lost, logged } = await start();
  const { place } = await fill(plane);
  const [before] = (await plane.snapshot()).workers;
  await expect(plane.openTrack(unpackable)).rejects.toMatchObject(unavailable);
  plane.closeTrack('track');
  plane.closeRoom('room');
  await until(() => lost.length > 0);
  expect(lost).toEqual([place.placeId]);
  expect(existsSync(`/proc/${before?.pid}`)).toBe(false);
  expect(logged).toContain('a media worker takes no more requests and is killed');

  await fill(plane);
  await plane.resumeConsumer('consumer');
  expect((await plane.snapshot()).restarts).toBe(1);
});

test('a refusal of the engine costs nothing', async () => {
  const { plane, lost } = await start();
  const { place } = await fill(plane);
  const wrong = { ...track.rtpParameters, mid: '8', encodings: [{ ssrc: 5, codecPayloadType: 9 }] };
  const refused = { code: 'rtpParametersInvalid' };
  await expect(plane.openTrack({ ...track, trackId: 'a', rtpParameters: wrong })).rejects.toMatchObject(
    refused,
  );
  await expect(plane.openTrack({ ...track, trackId: 'b' })).rejects.toMatchObject(refused);
  await plane.confirmClosed(place);
  expect(plane.place('room')).toEqual(place);
  expect(lost).toEqual([]);
});

describe('once its buffer is broken, an engine that is', () => {
  const dtls = { fingerprints: [{ algorithm: 'sha-256' as const, value: 'AB' }] };
  const calls: [string, (plane: MediasoupPlane) => unknown][] = [
    [
      'asked for a router and a transport',
      (plane) =>
        plane.openTransport({
          kind: 'webrtc',
          place: plane.place('other'),
          room: 'other',
          transportId: 't',
          direction: 'send',
        }),
    ],
    [
      'asked for a transport',
      (plane) =>
        plane.openTransport({
          kind: 'webrtc',
          place: plane.place('room'),
          room: 'room',
          transportId: 't',
          direction: 'send',
        }),
    ],
    ['asked to connect', (plane) => plane.connectTransport('send', dtls)],
    ['asked to restart ICE', (plane) => plane.restartIce('send')],
    ['asked how many bytes came', (plane) => plane.transportBytes('send')],
    ['asked for a track', (plane) => plane.openTrack({ ...track, trackId: 'next' })],
    ['asked to pause', (plane) => plane.setTrackPaused('track', true)],
    ['asked to go on', (plane) => plane.setTrackPaused('track', false)],
    [
      'asked for a consumer',
      (plane) =>
        plane.openConsumer({
          consumerId: 'next',
          transportId: 'recv',
          trackId: 'track',
          rtpCapabilities: plane.rtpCapabilities,
        }),
    ],
    ['asked to forward', (plane) => plane.resumeConsumer('consumer')],
    ['asked for a layer', (plane) => plane.setSpatialLayer('consumer', 0)],
  ];

  test.each(calls)('%s is unavailable, and the worker is replaced', async (_, ask) => {
    const { plane, engine, lost } = await start();
    const { place } = await fill(plane);
    breakBuffer(engine);
    await expect(ask(plane)).rejects.toMatchObject(unavailable);
    await until(() => lost.length > 0);
    expect(lost).toEqual([place.placeId]);
  });

  const closings: [string, (plane: MediasoupPlane) => void][] = [
    ['a consumer', (plane) => plane.closeConsumer('consumer')],
    ['a track', (plane) => plane.closeTrack('track')],
    ['a transport', (plane) => plane.closeTransport('send')],
    ['a room', (plane) => plane.closeRoom('room')],
  ];

  test.each(closings)(
    'told to close %s does not throw, and what it holds is gone for sure',
    async (_, close) => {
      const { plane, engine, lost } = await start();
      const { place } = await fill(plane);
      const [worker] = (await plane.snapshot()).workers;
      breakBuffer(engine);
      close(plane);
      await plane.confirmClosed(place);
      expect(existsSync(`/proc/${worker?.pid}`)).toBe(false);
      await until(() => lost.length > 0);
      expect(lost).toEqual([place.placeId]);
    },
  );

  test('asked whether it has closed what it should is ended', async () => {
    const { plane, engine } = await start();
    const { place } = await fill(plane);
    const [worker] = (await plane.snapshot()).workers;
    breakBuffer(engine);
    await plane.confirmClosed(place, ['send', 'recv']);
    expect(existsSync(`/proc/${worker?.pid}`)).toBe(false);
  });

  test('asked nothing is found within seconds', async () => {
    const { plane, engine, lost } = await start();
    await fill(plane);
    breakBuffer(engine);
    await until(() => lost.length > 0);
  });

  test('ended by its owner leaves no process', async () => {
    const { plane, engine } = await start();
    await fill(plane);
    const [worker] = (await plane.snapshot()).workers;
    breakBuffer(engine);
    await plane.close();
    expect(existsSync(`/proc/${worker?.pid}`)).toBe(false);
  });
});

describe('a listener that fails harms nobody, when it', () => {
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('a listener');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a listener'))],
  ];

  test.each(failures)('%s', async (_, fail) => {
    const told: string[] = [];
    const failing = (event: keyof MediaEvents) => () => {
      told.push(event);
      return fail();
    };
    const { plane, logged } = await start({
      placeLost: failing('placeLost'),
      available: failing('available'),
      bitrateExceeded: failing('bitrateExceeded'),
      keyFramesExceeded: failing('keyFramesExceeded'),
      pictureWaits: failing('pictureWaits'),
      pictureFrozen: failing('pictureFrozen'),
      transportLost: failing('transportLost'),
    });
    const { send } = await fill(plane);
    const peer = RtpPeer.sender(send, [microphone]);
    await plane.connectTransport('send', peer.dtlsParameters);
    await until(() => peer.state === 'connected');
    peer.send(microphone, { packetsPerSecond: 400, bytes: 1000 });
    await until(() => told.includes('bitrateExceeded'));
    peer.close();
    await until(() => told.includes('transportLost'));
    const [worker] = (await plane.snapshot()).workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await until(() => told.includes('placeLost'));
    await fill(plane);
    expect(logged.filter((message) => message === 'a listener of the media plane failed').length).toBe(
      told.length,
    );
  });
});
