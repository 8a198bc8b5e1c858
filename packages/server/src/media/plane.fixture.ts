import { existsSync } from 'node:fs';
import { RtpPeer, type SentStream, sentParameters, UdpLink } from '@roomkey/testkit/rtp';
import { afterEach, onTestFinished, vi } from 'vitest';
import type { MediaEvents, MediaPlace } from '../ports/index.ts';
import { type MediaSettings, MediasoupPlane } from './index.ts';

export const workerBin = process.env['ROOMKEY_WORKER_BIN'];
export const unavailable = { code: 'mediaUnavailable' };
export const microphone: SentStream = { mid: '0', kind: 'audio', ssrc: 1111, payloadType: 111 };
export const camera: SentStream = { mid: '1', kind: 'video', ssrc: 2222, payloadType: 96 };
export const voice = { packetsPerSecond: 50, bytes: 100 };
export const picture = { packetsPerSecond: 100, bytes: 1100 };

const planes = new Set<MediasoupPlane>();
afterEach(async () => {
  await Promise.all([...planes].map((plane) => plane.close()));
  planes.clear();
});

export async function start(settings: Partial<MediaSettings> = {}): Promise<MediasoupPlane> {
  const plane = await MediasoupPlane.create({ workerBin, listenIp: '127.0.0.1', workers: 1, ...settings });
  planes.add(plane);
  return plane;
}

/** Listens and keeps what is told. */
export function hear(plane: MediasoupPlane) {
  const heard = {
    placeLost: [] as string[],
    available: 0,
    bitrateExceeded: [] as string[],
    keyFramesExceeded: [] as string[],
    pictureWaits: [] as string[],
    pictureFrozen: [] as string[],
    transportLost: [] as string[],
  };
  const events: MediaEvents = {
    placeLost: ({ placeId }) => heard.placeLost.push(placeId),
    available: () => heard.available++,
    bitrateExceeded: (_room, trackId) => heard.bitrateExceeded.push(trackId),
    keyFramesExceeded: (_room, _transportId, consumerId) => heard.keyFramesExceeded.push(consumerId),
    pictureWaits: (_room, _transportId, consumerId, waits) =>
      heard.pictureWaits.push(`${consumerId} ${waits ? 'waits' : 'flows'}`),
    pictureFrozen: (_room, _transportId, consumerId) => heard.pictureFrozen.push(consumerId),
    transportLost: (_room, transportId) => heard.transportLost.push(transportId),
  };
  plane.listen(events);
  return heard;
}

export const pidOf = async (plane: MediasoupPlane, { placeId }: MediaPlace) => {
  const worker = (await plane.snapshot()).workers.find((each) => each.placeId === placeId);
  if (!worker) throw new Error('no such worker');
  return worker.pid;
};
export const runs = (pid: number) => existsSync(`/proc/${pid}`);
export const until = (condition: () => boolean | Promise<boolean>, timeout = 20_000) =>
  vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error('not yet');
    },
    { timeout, interval: 20 },
  );
export const second = () => new Promise((resolve) => setTimeout(resolve, 1_000));

/** What a stream is sent with, by a sender who can be asked for key frames. */
function parametersOf(stream: SentStream, ofSound: readonly string[] = []) {
  const parameters = sentParameters(stream);
  const rtcpFeedback =
    stream.kind === 'video' ? [{ type: 'nack', parameter: 'pli' }] : ofSound.map((type) => ({ type }));
  return { ...parameters, codecs: parameters.codecs.map((codec) => ({ ...codec, rtcpFeedback })) };
}

export const openTrack = (
  plane: MediasoupPlane,
  stream: SentStream,
  more: Partial<Parameters<typeof plane.openTrack>[0]> = {},
) =>
  plane.openTrack({
    trackId: stream.kind,
    transportId: 'send',
    kind: stream.kind,
    slot: stream.kind === 'audio' ? 'microphone' : 'camera',
    rtpParameters: parametersOf(stream),
    ...more,
  });

interface CallOptions {
  /** What the sender honours for sound. */
  readonly ofSound?: readonly string[];
  /** The receiver is reached through a link. */
  readonly linked?: boolean;
}

/** The two transports of a room, `send` and `recv`; the far ends are not connected. */
export async function openTransports(plane: MediasoupPlane, place = plane.place('room')) {
  const open = (direction: 'send' | 'recv') =>
    plane.openTransport({ kind: 'webrtc', place, room: 'room', transportId: direction, direction });
  return { send: await open('send'), recv: await open('recv') };
}

/** Sender and receiver of both kinds in one room, connected for real; nothing is resumed yet. */
export async function call(
  plane: MediasoupPlane,
  place = plane.place('room'),
  { ofSound = [], linked = false }: CallOptions = {},
) {
  const { send, recv } = await openTransports(plane, place);
  const rtpCapabilities = plane.rtpCapabilities;
  const consumers = [];
  for (const stream of [microphone, camera]) {
    await openTrack(plane, stream, { rtpParameters: parametersOf(stream, ofSound) });
    consumers.push(
      await plane.openConsumer({
        consumerId: `${stream.kind} consumer`,
        transportId: 'recv',
        trackId: stream.kind,
        rtpCapabilities,
      }),
    );
  }
  const sender = RtpPeer.sender(send, [microphone, camera]);
  const link = linked ? await UdpLink.open(recv, {}) : undefined;
  const receiver = RtpPeer.receiver(link?.through(recv) ?? recv, consumers);
  onTestFinished(() => {
    link?.close();
    sender.close();
    receiver.close();
  });
  await plane.connectTransport('send', sender.dtlsParameters);
  await plane.connectTransport('recv', receiver.dtlsParameters);
  await until(() => sender.state === 'connected' && receiver.state === 'connected');
  const [audio = 0, video = 0] = consumers.map(({ rtpParameters }) => rtpParameters.encodings[0]?.ssrc);
  return {
    sender,
    receiver,
    link,
    offers: consumers,
    ssrcs: { audio, video },
    received: { audio: () => receiver.received(audio), video: () => receiver.received(video) },
    resume: async (kind: 'audio' | 'video') => {
      await plane.setTrackPaused(kind, false);
      await plane.resumeConsumer(`${kind} consumer`);
    },
  };
}

export function opusPacket(sequence: number): Buffer {
  const packet = Buffer.alloc(100);
  packet[0] = 0x80;
  packet[1] = microphone.payloadType;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(sequence * 960, 4);
  packet.writeUInt32BE(microphone.ssrc, 8);
  return packet;
}

/** At least 20 packets in a second, sooner or later. */
export async function flows(received: () => number): Promise<boolean> {
  await until(async () => {
    const before = received();
    await second();
    return received() - before >= 20;
  });
  return true;
}

/** No packet in a second and longer, until at least 20 were sent. */
export async function stopped(received: () => number, sent: () => number): Promise<boolean> {
  // What was on its way when the call was made may still arrive.
  await second();
  const before = { received: received(), sent: sent() };
  await second();
  await until(() => sent() - before.sent >= 20);
  return received() === before.received;
}
