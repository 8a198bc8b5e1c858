import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mediaPlaneContract } from '@roomkey/testkit/media-plane-contract';
import { askedAgain, RtpPeer, sentParameters } from '@roomkey/testkit/rtp';
import { observer, type types } from 'mediasoup';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MediaPlace } from '../ports/index.ts';
import { type MediaSettings, MediaStartError, type MediasoupPlane } from './index.ts';
import {
  call,
  camera,
  flows,
  hear,
  microphone,
  openTrack,
  opusPacket,
  picture,
  pidOf,
  runs,
  second,
  start,
  stopped,
  unavailable,
  until,
  voice,
  workerBin,
} from './plane.fixture.ts';

/** With a certificate that no peer has. */
const anotherCertificate = {
  role: 'client' as const,
  fingerprints: [{ algorithm: 'sha-256' as const, value: Array(32).fill('AB').join(':') }],
};

mediaPlaneContract('on mediasoup workers', async () => {
  const plane = await start({ workers: 2 });
  return {
    plane,
    losePlace: async (place) => {
      process.kill(await pidOf(plane, place), 'SIGKILL');
      await until(async () =>
        (await plane.snapshot()).workers.every(({ placeId }) => placeId !== place.placeId),
      );
    },
    close: () => plane.close(),
  };
});

describe('packets', () => {
  test('flow only once track and consumer are resumed, and stop when either one ends', async () => {
    const plane = await start();
    const { sender, received, resume } = await call(plane);
    const audio = sender.send(microphone, voice);
    const video = sender.send(camera, picture);
    expect(await stopped(received.audio, audio.sent)).toBe(true);

    await plane.setTrackPaused('audio', false);
    expect(await stopped(received.audio, audio.sent)).toBe(true);
    await plane.resumeConsumer('audio consumer');
    expect(await flows(received.audio)).toBe(true);
    expect(received.video()).toBe(0);

    await resume('video');
    expect(await flows(received.video)).toBe(true);
    await plane.setTrackPaused('video', true);
    expect(await stopped(received.video, video.sent)).toBe(true);
    await plane.setTrackPaused('video', false);
    expect(await flows(received.video)).toBe(true);
    plane.closeConsumer('video consumer');
    expect(await stopped(received.video, video.sent)).toBe(true);
    plane.closeTrack('audio');
    expect(await stopped(received.audio, audio.sent)).toBe(true);
  });

  test('are counted in snapshots', async () => {
    const plane = await start();
    const { sender, received, resume } = await call(plane);
    await resume('audio');
    const { sent, stop } = sender.send(microphone, voice);
    await until(() => received.audio() >= 30);
    stop();
    await until(async () => {
      const { packetsReceived, packetsForwarded } = await plane.snapshot();
      return packetsReceived === sent() && packetsForwarded === received.audio();
    });
    expect((await plane.snapshot()).workers).toMatchObject([
      { worker: 0, rooms: 1, transports: 2, tracks: 2, consumers: 2 },
    ]);
  });

  test('flow again on the next worker when one was killed', async () => {
    const plane = await start();
    const heard = hear(plane);
    const place = plane.place('room');
    const before = await call(plane, place);
    await before.resume('audio');
    before.sender.send(microphone, voice);
    expect(await flows(before.received.audio)).toBe(true);

    process.kill(await pidOf(plane, place), 'SIGKILL');
    await until(() => heard.placeLost.length > 0);
    expect(heard.placeLost).toEqual([place.placeId]);
    const after = await call(plane);
    await after.resume('audio');
    after.sender.send(microphone, voice);
    expect(await flows(after.received.audio)).toBe(true);
    expect((await plane.snapshot()).restarts).toBe(1);
  });

  test('above the bound of an audio slot are told, below it they are not', async () => {
    const plane = await start();
    const heard = hear(plane);
    const { sender } = await call(plane);
    const video = sender.send(camera, picture);
    const loud = sender.send(microphone, { packetsPerSecond: 50, bytes: 1000 });
    await until(() => video.sent() >= 350);
    expect(heard.bitrateExceeded).toEqual([]);
    loud.stop();
    sender.send(microphone, { packetsPerSecond: 100, bytes: 1000 });
    await until(() => heard.bitrateExceeded.length > 0);
    expect(new Set(heard.bitrateExceeded)).toEqual(new Set(['audio']));
  });

  test('above the bound of a picture are told', async () => {
    const plane = await start({ videoBitrate: 500_000 });
    const heard = hear(plane);
    const { sender } = await call(plane);
    sender.send(camera, picture);
    await until(() => heard.bitrateExceeded.length > 0);
    expect(new Set(heard.bitrateExceeded)).toEqual(new Set(['video']));
  });
});

describe('lost packets of sound', () => {
  const sequenceOf = (packet: Buffer) => packet.readUInt16BE(2);

  test('are sent again to a receiver who asks', async () => {
    const plane = await start();
    const { sender, receiver, link, resume, ssrcs } = await call(plane, undefined, { linked: true });
    await resume('audio');
    const came = new Set<number>();
    receiver.onPacket = (packet) => came.add(sequenceOf(packet));
    const sending = sender.send(microphone, voice);
    await until(() => came.size >= 10);
    link?.loseNext();
    await until(() => came.size >= 30);
    sending.stop();
    const first = Math.min(...came);
    const lost = Array.from({ length: 30 }, (_, at) => first + at).filter((sequence) => !came.has(sequence));
    expect(lost).toHaveLength(1);
    receiver.askAgain('0', ssrcs.audio, lost[0] ?? 0);
    await until(() => came.has(lost[0] ?? 0));
  });

  test('are asked for again from their sender', async () => {
    const plane = await start();
    const { sender, received, resume } = await call(plane, undefined, { ofSound: ['nack'] });
    await resume('audio');
    const asked = new Set<number>();
    sender.onRtcp = (packet) => {
      for (const { ssrc, sequence } of askedAgain(packet)) if (ssrc === microphone.ssrc) asked.add(sequence);
    };
    const lost = 20;
    for (let sequence = 1; sequence <= 40; sequence++) {
      if (sequence !== lost) sender.sendPacket(microphone, opusPacket(sequence));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => asked.size > 0);
    expect([...asked]).toEqual([lost]);
    expect(received.audio()).toBeGreaterThan(0);
  });
});

describe('key frames', () => {
  /** Starts a plane; `asked` says how often the engine has asked senders of pictures for key frames (PLI). */
  async function counting() {
    const producers: types.Producer[] = [];
    const noteWorker = (worker: types.Worker) =>
      worker.observer.on('newrouter', (router) =>
        router.observer.on('newtransport', (transport) =>
          transport.observer.on('newproducer', (producer) => void producers.push(producer)),
        ),
      );
    observer.once('newworker', noteWorker);
    const plane = await start();
    producers.length = 0;
    const asked = async () => {
      const pictures = producers.filter(({ kind }) => kind === 'video');
      const stats = await Promise.all(pictures.map((producer) => producer.getStats()));
      return stats.flat().reduce((sum, { pliCount }) => sum + pliCount, 0);
    };
    return { plane, asked };
  }

  test('whoever asks for them 400 times a second is told of at once, and has cost the sender two at most', async () => {
    const { plane, asked } = await counting();
    const heard = hear(plane);
    const { sender, receiver, received, resume } = await call(plane);
    await resume('video');
    sender.send(camera, picture);
    await flows(received.video);
    receiver.askForKeyFrame('1');
    await second();
    const before = await asked();
    const asking = setInterval(() => receiver.askForKeyFrame('1'), 2.5);
    onTestFinished(() => clearInterval(asking));
    await until(() => heard.keyFramesExceeded.length > 0);
    plane.closeConsumer('video consumer');
    await second();
    expect(heard.keyFramesExceeded).toEqual(['video consumer']);
    expect((await asked()) - before).toBeGreaterThan(0);
    expect((await asked()) - before).toBeLessThanOrEqual(2);
  });

  test('whoever asks for five a second is honest', async () => {
    const { plane, asked } = await counting();
    const heard = hear(plane);
    const { sender, receiver, received, resume } = await call(plane);
    await resume('video');
    sender.send(camera, picture);
    await flows(received.video);
    const asking = setInterval(() => receiver.askForKeyFrame('1'), 200);
    onTestFinished(() => clearInterval(asking));
    for (let i = 0; i < 4; i++) await second();
    expect(await asked()).toBeGreaterThan(3);
    expect(heard.keyFramesExceeded).toEqual([]);
  });
});

describe('TCP connections to a media port', () => {
  /** A worker that may have only so many files open. */
  function workerWith(descriptors: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'roomkey-worker-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'worker');
    writeFileSync(file, `#!/bin/sh\nulimit -n ${descriptors}\nexec ${workerBin} "$@"\n`, { mode: 0o755 });
    return file;
  }
  const openRecv = (plane: MediasoupPlane, place: MediaPlace, transportId: string) =>
    plane.openTransport({ kind: 'webrtc', place, room: 'room', transportId, direction: 'recv' });

  test('that take nearly all descriptors of a worker: it takes no more transports and says so, until they are gone', async () => {
    const portBase = await freePort();
    const plane = await start({ workerBin: workerWith(100), portBase });
    const place = plane.place('room');
    const heard = hear(plane);
    await openRecv(plane, place, 'before');
    expect([plane.ready, plane.hasDescriptors]).toEqual([true, true]);
    const sockets = Array.from({ length: 90 }, () => connect(portBase, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await until(() => !plane.hasDescriptors);
    expect(plane.ready).toBe(false);
    await expect(openRecv(plane, place, 'during')).rejects.toMatchObject({
      ...unavailable,
      message: expect.stringContaining('too many open connections'),
    });
    expect(() => plane.place('another room')).toThrow('No media worker takes more members');
    expect(['room', 'another room'].map((room) => plane.takesTransports(room))).toEqual([false, false]);
    expect(heard.available).toBe(0);
    const [worker] = (await plane.snapshot()).workers;
    expect(worker?.descriptors?.limit).toBe(100);
    expect(worker?.descriptors?.open).toBeGreaterThan(90);
    for (const socket of sockets) socket.destroy();
    await until(() => plane.hasDescriptors);
    expect([plane.takesTransports('room'), heard.available]).toEqual([true, 1]);
    await openRecv(plane, place, 'after');
  });

  test('that take all descriptors of a worker: a handshake that fails then does not end the worker', async () => {
    const portBase = await freePort();
    const plane = await start({ workerBin: workerWith(100), portBase });
    const heard = hear(plane);
    const place = plane.place('room');
    const offer = await openRecv(plane, place, 'recv');
    const sockets = Array.from({ length: 150 }, () => connect(portBase, '127.0.0.1').on('error', () => {}));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    await until(() => !plane.hasDescriptors);
    // A worker that has shown that its SRTP works is trusted for ten seconds.
    const real = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => real() + 20_000);
    onTestFinished(() => void vi.restoreAllMocks());
    const peer = RtpPeer.sender(offer, [microphone]);
    onTestFinished(() => peer.close());
    await plane.connectTransport('recv', anotherCertificate);
    await until(() => heard.transportLost.includes('recv'));
    await second();
    expect(heard.placeLost).toEqual([]);
  });

  test('are not taken when media over TCP is switched off', async () => {
    const portBase = await freePort();
    const plane = await start({ tcp: false, portBase });
    const { iceCandidates } = await openRecv(plane, plane.place('room'), 't');
    expect(iceCandidates.map(({ protocol }) => protocol)).toEqual(['udp']);
    const [error] = await once(connect(portBase, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

test('a worker that cannot encrypt media is not taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'roomkey-worker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'worker');
  // So few that it starts and listens, and has none left for the first packet.
  writeFileSync(file, `#!/bin/sh\nulimit -n 16\nexec ${workerBin} "$@"\n`, { mode: 0o755 });
  await expect(start({ workerBin: file })).rejects.toThrow(MediaStartError);
});

describe('a transport', () => {
  test('whose peer falls silent is told to be lost', async () => {
    const plane = await start({ consentSeconds: 2 });
    const heard = hear(plane);
    const { sender } = await call(plane);
    sender.close();
    await until(() => heard.transportLost.includes('send'));
  });

  test('whose peer has another certificate than it said is told to be lost', async () => {
    const plane = await start();
    const heard = hear(plane);
    const offer = await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    const sender = RtpPeer.sender(offer, [microphone]);
    onTestFinished(() => sender.close());
    await plane.connectTransport('send', anotherCertificate);
    await until(() => heard.transportLost.includes('send'));
  });

  test('that is closed by the caller is not told to be lost', async () => {
    const plane = await start();
    const heard = hear(plane);
    await call(plane);
    plane.closeTransport('send');
    plane.closeTransport('recv');
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'next',
      direction: 'send',
    });
    expect(heard.transportLost).toEqual([]);
  });

  test('that is closed while it is being opened is refused and leaves nothing', async () => {
    const plane = await start();
    const opening = plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 't',
      direction: 'send',
    });
    const track = openTrack(plane, microphone, { transportId: 't' });
    plane.closeTransport('t');
    await expect(opening).rejects.toMatchObject(unavailable);
    await expect(track).rejects.toMatchObject(unavailable);
    expect((await plane.snapshot()).workers).toMatchObject([{ transports: 0, tracks: 0 }]);
  });

  test('that is closed with its track and consumer while these are being opened is no warning', async () => {
    const lines: string[] = [];
    const plane = await start({ log: (level, message) => lines.push(`${level} ${message}`) });
    const place = plane.place('room');
    const { rtpCapabilities } = plane;
    for (let round = 0; round < 10; round++) {
      for (const transportId of ['send', 'recv'] as const)
        await plane.openTransport({
          kind: 'webrtc',
          place,
          room: 'room',
          transportId,
          direction: transportId,
        });
      await openTrack(plane, microphone);
      const openings = [1, 2, 3].map((number) =>
        plane.openConsumer({
          consumerId: `c${number}`,
          transportId: 'recv',
          trackId: 'audio',
          rtpCapabilities,
        }),
      );
      // The requests are with the engine, the answers are not here.
      await new Promise((resolve) => setImmediate(resolve));
      plane.closeTrack('audio');
      await Promise.allSettled(openings);
      for (const transportId of ['send', 'recv']) plane.closeTransport(transportId);
      await plane.confirmClosed(place);
    }
    expect(lines.filter((line) => line.includes('NotFoundError')).length).toBeGreaterThan(0);
    expect(lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  test('names the announced address and the port of its worker, UDP before TCP', async () => {
    const portBase = await freePort();
    const plane = await start({ announcedAddress: '203.0.113.7', portBase });
    const { iceCandidates } = await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 't',
      direction: 'send',
    });
    expect(iceCandidates).toMatchObject([
      { protocol: 'udp', address: '203.0.113.7', port: portBase },
      { protocol: 'tcp', address: '203.0.113.7', port: portBase, tcpType: 'passive' },
    ]);
    const [udp, tcp] = iceCandidates;
    expect(udp?.priority).toBeGreaterThan(tcp?.priority ?? Number.POSITIVE_INFINITY);
  });

  test('is connected only once', async () => {
    const plane = await start();
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 't',
      direction: 'send',
    });
    const connect = (value: string) =>
      plane.connectTransport('t', { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] });
    const good = Array(32).fill('AB').join(':');
    await connect(good);
    await expect(connect(good)).rejects.toMatchObject({ code: 'invalidParams' });
  });
});

describe('parameters', () => {
  const open = async () => {
    const plane = await start();
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'recv',
      direction: 'recv',
    });
    return plane;
  };
  const invalid = { code: 'rtpParametersInvalid' };
  const unsupported = { code: 'codecUnsupported' };

  test('that mix kinds or lie about theirs are refused', async () => {
    const plane = await open();
    const audio = sentParameters(microphone);
    const mixed = { ...audio, codecs: [...audio.codecs, ...sentParameters(camera).codecs] };
    await expect(openTrack(plane, microphone, { rtpParameters: mixed })).rejects.toMatchObject(invalid);
    await expect(openTrack(plane, microphone, { kind: 'video' })).rejects.toMatchObject(invalid);
    await openTrack(plane, microphone);
  });

  test('with a codec that nobody has here are refused', async () => {
    const plane = await open();
    const rtpParameters = {
      ...sentParameters(camera),
      codecs: [{ mimeType: 'video/AV1', payloadType: 96, clockRate: 90_000 }],
    };
    await expect(openTrack(plane, camera, { rtpParameters })).rejects.toMatchObject(unsupported);
  });

  test('with a retransmission codec of nothing, or an SSRC or MID in use, are refused', async () => {
    const plane = await open();
    const video = sentParameters(camera);
    const orphan = { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 1 } };
    const rtpParameters = { ...video, codecs: [...video.codecs, orphan] };
    await expect(openTrack(plane, camera, { rtpParameters })).rejects.toMatchObject(invalid);
    await openTrack(plane, camera);
    const second = { trackId: 'second', slot: 'screen' } as const;
    const midTaken = { ...video, encodings: [{ ssrc: 3333 }] };
    const rtx = { ...orphan, parameters: { apt: camera.payloadType } };
    const ssrcTaken = {
      ...video,
      mid: 'other',
      codecs: [...video.codecs, rtx],
      encodings: [{ ssrc: 3333, rtx: { ssrc: camera.ssrc } }],
    };
    await expect(openTrack(plane, camera, { ...second, rtpParameters: ssrcTaken })).rejects.toMatchObject(
      invalid,
    );
    await expect(openTrack(plane, camera, second)).rejects.toMatchObject(invalid);
    await expect(openTrack(plane, camera, { ...second, rtpParameters: midTaken })).rejects.toMatchObject(
      invalid,
    );
  });

  test('of a receiver that cannot decode the track are refused', async () => {
    const plane = await open();
    await openTrack(plane, camera);
    const codecs = plane.rtpCapabilities.codecs.filter(({ mimeType }) => mimeType !== 'video/VP8');
    const consumer = {
      consumerId: 'c',
      transportId: 'recv',
      trackId: 'video',
      rtpCapabilities: { ...plane.rtpCapabilities, codecs },
    };
    await expect(plane.openConsumer(consumer)).rejects.toMatchObject(unsupported);
  });

  test('cannot reach a track of another room or on another worker', async () => {
    const plane = await start({ workers: 2 });
    const [here, there] = (await plane.snapshot()).workers.map(({ placeId }) => ({ placeId }));
    if (!here || !there) throw new Error('two workers should run');
    await plane.openTransport({
      kind: 'webrtc',
      place: here,
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    await openTrack(plane, microphone);
    await plane.openTransport({
      kind: 'webrtc',
      place: here,
      room: 'other',
      transportId: 'other room',
      direction: 'recv',
    });
    await plane.openTransport({
      kind: 'webrtc',
      place: there,
      room: 'room',
      transportId: 'other worker',
      direction: 'recv',
    });
    for (const transportId of ['other room', 'other worker']) {
      const { rtpCapabilities } = plane;
      const opening = plane.openConsumer({ consumerId: 'c', transportId, trackId: 'audio', rtpCapabilities });
      await expect(opening).rejects.toMatchObject(unavailable);
    }
  });
});

describe('congestion control', () => {
  const simulcast = { ...sentParameters(camera), encodings: [{ ssrc: 11 }, { ssrc: 12 }, { ssrc: 13 }] };
  /** For each consumer opened in turn on one transport: whether its packets are numbered. */
  const numbered = async (
    settings: Partial<MediaSettings>,
    tracks: readonly ('single' | 'layers' | 'screen')[],
  ) => {
    const plane = await start(settings);
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'recv',
      direction: 'recv',
    });
    const { rtpCapabilities } = plane;
    await openTrack(plane, camera, { trackId: 'single' });
    await openTrack(plane, camera, { trackId: 'layers', rtpParameters: { ...simulcast, mid: '2' } });
    const shown = { ...sentParameters(camera), mid: '3', encodings: [{ ssrc: 21 }] };
    await openTrack(plane, camera, { trackId: 'screen', slot: 'screen', rtpParameters: shown });
    const found = [];
    for (const [index, trackId] of tracks.entries()) {
      const consumerId = `c${index}`;
      const { rtpParameters } = await plane.openConsumer({
        consumerId,
        transportId: 'recv',
        trackId,
        rtpCapabilities,
      });
      found.push(JSON.stringify(rtpParameters).includes('transport-wide-cc'));
      await plane.setSpatialLayer(consumerId, 0);
    }
    return found;
  };

  test('is negotiated for every picture, whatever its layers', async () => {
    expect(await numbered({}, ['single', 'layers', 'screen'])).toEqual([true, true, true]);
  });

  test('is negotiated for nobody when it is switched off', async () => {
    expect(await numbered({ transportCc: false }, ['single', 'layers'])).toEqual([false, false]);
  });

  test('does not number sound', async () => {
    const plane = await start();
    const { offers } = await call(plane);
    expect(offers.map((offer) => JSON.stringify(offer).includes('transport-wide-cc'))).toEqual([false, true]);
  });
});

describe('a worker', () => {
  test('that gives no answer makes a call unavailable, and its late answers leave nothing', async () => {
    const plane = await start({ deadlineMs: 3000 });
    const place = plane.place('room');
    await plane.openTransport({
      kind: 'webrtc',
      place,
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    await plane.openTransport({
      kind: 'webrtc',
      place,
      room: 'room',
      transportId: 'recv',
      direction: 'recv',
    });
    await openTrack(plane, camera);
    const pid = await pidOf(plane, place);
    process.kill(pid, 'SIGSTOP');
    const { rtpCapabilities } = plane;
    await Promise.all(
      [
        plane.openTransport({ kind: 'webrtc', place, room: 'room', transportId: 'late', direction: 'send' }),
        openTrack(plane, microphone),
        plane.openConsumer({ consumerId: 'late', transportId: 'recv', trackId: 'video', rtpCapabilities }),
        plane.setTrackPaused('video', false),
        plane.restartIce('send'),
        plane.openTransport({
          kind: 'webrtc',
          place,
          room: 'another room',
          transportId: 'late too',
          direction: 'send',
        }),
      ].map((call) => expect(call).rejects.toMatchObject(unavailable)),
    );
    process.kill(pid, 'SIGCONT');
    // The worker refuses a second track of the same id, so this one proves that the late one is gone.
    await until(async () => {
      await openTrack(plane, microphone);
      return true;
    });
    expect((await plane.snapshot()).workers).toMatchObject([{ transports: 2, tracks: 2, consumers: 0 }]);
  });

  test('that hangs is killed, told to be lost and started again', async () => {
    const plane = await start({ hangSeconds: 2 });
    const heard = hear(plane);
    const place = plane.place('room');
    await plane.openTransport({
      kind: 'webrtc',
      place,
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    const pid = await pidOf(plane, place);
    process.kill(pid, 'SIGSTOP');
    await until(() => heard.placeLost.includes(place.placeId));
    expect(runs(pid)).toBe(false);
    await plane.openTransport({
      kind: 'webrtc',
      place: plane.place('room'),
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
  });

  test('that does not acknowledge what was closed is killed, and only then it counts as closed', async () => {
    const plane = await start();
    const heard = hear(plane);
    const place = plane.place('room');
    await plane.openTransport({
      kind: 'webrtc',
      place,
      room: 'room',
      transportId: 'send',
      direction: 'send',
    });
    const pid = await pidOf(plane, place);
    plane.closeTransport('send');
    await plane.confirmClosed(place);
    expect(runs(pid)).toBe(true);

    process.kill(pid, 'SIGSTOP');
    await plane.confirmClosed(place);
    expect(runs(pid)).toBe(false);
    expect(heard.placeLost).toEqual([place.placeId]);
    await plane.confirmClosed(place);
  });

  test('that acknowledges late loses the transports concerned, and lives on', async () => {
    const plane = await start();
    const place = plane.place('room');
    for (const id of ['concerned', 'other'])
      await plane.openTransport({ kind: 'webrtc', place, room: 'room', transportId: id, direction: 'send' });
    const pid = await pidOf(plane, place);
    const lost: string[] = [];
    plane.listen({
      placeLost: () => lost.push('place'),
      available: () => {},
      bitrateExceeded: () => {},
      keyFramesExceeded: () => {},
      pictureWaits: () => {},
      pictureFrozen: () => {},
      transportLost: (_room, transportId) => {
        lost.push(transportId);
        process.kill(pid, 'SIGCONT');
      },
    });
    process.kill(pid, 'SIGSTOP');
    await plane.confirmClosed(place, ['concerned']);
    expect(lost).toEqual(['concerned']);
    expect(runs(pid)).toBe(true);
    await expect(plane.restartIce('concerned')).rejects.toMatchObject(unavailable);
    await plane.restartIce('other');
  });

  test('can be chosen while the only one is just being started again', async () => {
    const plane = await start();
    const place = plane.place('room');
    const offer = new Promise((resolve, reject) => {
      plane.listen({
        placeLost: () =>
          plane
            .openTransport({
              kind: 'webrtc',
              place: plane.place('room'),
              room: 'room',
              transportId: 't',
              direction: 'send',
            })
            .then(resolve, reject),
        available: () => {},
        bitrateExceeded: () => {},
        keyFramesExceeded: () => {},
        pictureWaits: () => {},
        pictureFrozen: () => {},
        transportLost: () => {},
      });
    });
    process.kill(await pidOf(plane, place), 'SIGKILL');
    expect(await offer).toMatchObject({ transportId: 't' });
  });

  test('that runs again after none did is told, and meanwhile the plane says that none does', async () => {
    const plane = await start({ workers: 2 });
    const heard = hear(plane);
    const kill = async (count: number) => {
      const { workers } = await plane.snapshot();
      for (const { pid } of workers.slice(0, count)) process.kill(pid, 'SIGKILL');
      const lost = heard.placeLost.length + count;
      await until(() => heard.placeLost.length === lost);
    };
    await kill(1);
    expect(plane.takesTransports('room')).toBe(true);
    await until(async () => (await plane.snapshot()).workers.length === 2);
    expect(heard.available).toBe(0);
    await kill(2);
    expect(plane.takesTransports('room')).toBe(false);
    await until(async () => (await plane.snapshot()).workers.length === 2);
    expect(heard.available).toBe(1);
    expect(plane.takesTransports('room')).toBe(true);
  });

  test('leaves no listener on the signals of this process', async () => {
    const before = ['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal));
    await start({ workers: 2 });
    expect(['SIGTERM', 'SIGINT'].map((signal) => process.listenerCount(signal))).toEqual(before);
  });

  test('outlives a Ctrl-C that its server handles, and ends when the server is killed', async () => {
    const server = spawn(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', '--input-type=module', '--eval', serverProgram],
      { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => {
      server.kill('SIGKILL');
    });
    const pid = Number(await nextLine(server.stdout));
    expect(runs(pid)).toBe(true);
    process.kill(-(server.pid ?? 0), 'SIGINT');
    expect(await nextLine(server.stdout)).toBe('SIGINT, worker answers');
    expect(runs(pid)).toBe(true);
    server.kill('SIGKILL');
    await until(() => !runs(pid));
  });
});

describe('the plane', () => {
  test('ends without a worker left, however often it is asked to, and tells nobody of a loss', async () => {
    const plane = await start({ workers: 2 });
    const heard = hear(plane);
    await call(plane);
    const pids = (await plane.snapshot()).workers.map(({ pid }) => pid);
    await Promise.all([plane.close(), plane.close()]);
    await plane.close();
    expect(pids.map(runs)).toEqual([false, false]);
    expect(heard).toEqual({
      placeLost: [],
      available: 0,
      bitrateExceeded: [],
      keyFramesExceeded: [],
      pictureWaits: [],
      pictureFrozen: [],
      transportLost: [],
    });
    expect(() => plane.place('room')).toThrow(expect.objectContaining(unavailable));
    await expect(plane.restartIce('send')).rejects.toMatchObject(unavailable);
  });

  test('ends also a worker that is stopped', async () => {
    const plane = await start();
    const pid = await pidOf(plane, plane.place('room'));
    process.kill(pid, 'SIGSTOP');
    await plane.close();
    expect(runs(pid)).toBe(false);
  });

  test('does not start on a port in use, and says which', async () => {
    const portBase = await freePort();
    await start({ portBase });
    const second = start({ portBase });
    await expect(second).rejects.toThrow(MediaStartError);
    await expect(second).rejects.toThrow(`UDP and TCP port ${portBase}`);
    await expect(second).rejects.toThrow('ROOMKEY_MEDIA_PORT');
  });

  test('does not start without its worker program, and says how to get it', async () => {
    for (const program of ['/nowhere/mediasoup-worker', '/bin/false']) {
      const failed = start({ workerBin: program });
      await expect(failed).rejects.toThrow(MediaStartError);
      await expect(failed).rejects.toThrow('npm run setup');
    }
  });
});

const serverProgram = `
  import { MediasoupPlane } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  const plane = await MediasoupPlane.create({ workerBin: process.env.ROOMKEY_WORKER_BIN, listenIp: '127.0.0.1', workers: 1 });
  process.on('SIGINT', async () => {
    await plane.openTransport({ kind: 'webrtc', place: plane.place('room'), room: 'room', transportId: 't', direction: 'send' });
    console.log('SIGINT, worker answers');
  });
  console.log((await plane.snapshot()).workers[0].pid);
`;

async function nextLine(stream: NodeJS.ReadableStream): Promise<string> {
  const [chunk] = await once(stream, 'data');
  return String(chunk).trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}
