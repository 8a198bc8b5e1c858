import type { ConsumerOffer } from '@roomkey/protocol';
import { RtpPeer, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import { onTestFinished } from 'vitest';
import type { MediasoupPlane } from './index.ts';
import { type Behaviour, PictureSender } from './picture-sender.fixture.ts';
import { second, until } from './plane.fixture.ts';

/** What is sent, and to how many. */
interface Shown {
  /** Tells pictures of one plane apart. Default `track`. */
  readonly name?: string;
  /** Default `camera`. */
  readonly slot?: 'camera' | 'screen';
  /** How many encodings are sent. Default 1. */
  readonly encodings?: number;
  readonly scalabilityMode?: string;
  readonly behaviour?: Behaviour;
  readonly watchers?: number;
}

interface Watcher {
  readonly consumerId: string;
  readonly transportId: string;
  readonly offer: ConsumerOffer;
  readonly receiver: RtpPeer;
  /** The pictures' packets that came. */
  readonly packets: Buffer[];
}

/** A picture that is sent, and those who are to watch it, connected; nobody is ready yet. */
export async function show(
  plane: MediasoupPlane,
  {
    name = 'track',
    slot = 'camera',
    encodings = 1,
    scalabilityMode,
    behaviour = {},
    watchers: count = 1,
  }: Shown = {},
) {
  const place = plane.place('room');
  const open = (transportId: string, direction: 'send' | 'recv') =>
    plane.openTransport({ kind: 'webrtc', place, room: 'room', transportId, direction });
  const streams: SentStream[] = Array.from({ length: encodings }, (_, layer) => ({
    mid: String(layer),
    kind: 'video',
    ssrc: 2000 + layer,
    payloadType: 96,
  }));
  const [first] = streams;
  if (!first) throw new Error('nothing is sent');
  const sender = RtpPeer.sender(await open(`send ${name}`, 'send'), streams);
  const parameters = sentParameters(first);
  await plane.openTrack({
    trackId: name,
    transportId: `send ${name}`,
    kind: 'video',
    slot,
    rtpParameters: {
      ...parameters,
      codecs: parameters.codecs.map((codec) => ({
        ...codec,
        rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
      })),
      encodings: streams.map(({ ssrc }) => ({ ssrc, ...(scalabilityMode && { scalabilityMode }) })),
    },
  });
  await plane.connectTransport(`send ${name}`, sender.dtlsParameters);
  const watchers: Watcher[] = [];
  for (let index = 0; index < count; index++) {
    const transportId = `recv ${name} ${index}`;
    const consumerId = `consumer of ${name} ${index}`;
    const recv = await open(transportId, 'recv');
    const { rtpCapabilities } = plane;
    const offer = await plane.openConsumer({ consumerId, transportId, trackId: name, rtpCapabilities });
    const receiver = RtpPeer.receiver(recv, [offer]);
    const packets: Buffer[] = [];
    const ssrc = offer.rtpParameters.encodings[0]?.ssrc;
    receiver.onPacket = (packet) => packet.readUInt32BE(8) === ssrc && packets.push(packet);
    await plane.connectTransport(transportId, receiver.dtlsParameters);
    onTestFinished(() => receiver.close());
    watchers.push({ consumerId, transportId, offer, receiver, packets });
  }
  onTestFinished(() => sender.close());
  await until(() =>
    [sender, ...watchers.map(({ receiver }) => receiver)].every((peer) => peer.state === 'connected'),
  );
  await plane.setTrackPaused(name, false);
  const picture = new PictureSender(sender, streams, behaviour);
  await until(() => picture.keyFrames > 0);
  await second();
  const [watcher] = watchers;
  if (!watcher) throw new Error('nobody watches');
  return { picture, watcher, watchers };
}
