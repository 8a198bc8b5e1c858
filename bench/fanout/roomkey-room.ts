import type { ConsumerOffer } from '@roomkey/protocol';
import { RtpPeer, sentParameters } from '@roomkey/testkit/rtp';
import { connected } from '../connected.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';
import type { Publisher, Watcher } from './room.ts';
import { audio, transportCcId, transportCcUri, video } from './stream.ts';
import type { Tally } from './tally.ts';

/** Where and as whom somebody enters the product. */
export interface RoomkeyEntry {
  readonly url: string;
  readonly entry: SignedEntry;
}

const streams = [
  { slot: 'microphone', stream: audio },
  { slot: 'camera', stream: video },
] as const;

/** Publishes a microphone and a camera. */
export async function publishAtRoomkey(
  { url, entry }: RoomkeyEntry,
  transportCc: boolean,
): Promise<Publisher> {
  const { wire } = await Wire.connect(url);
  await wire.request('enter', { ...entry, scene: 'live', role: 'anchor' });
  const offer = await wire.request('openTransport', { direction: 'send' });
  const { transportId } = offer;
  for (const { slot, stream } of streams) {
    const parameters = sentParameters(stream);
    const rtpParameters = transportCc ? withTransportCc(parameters) : parameters;
    await wire.request('publish', { transportId, slot, rtpParameters });
  }
  const peer = RtpPeer.sender(
    offer,
    streams.map(({ stream }) => stream),
  );
  await wire.request('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
  await connected(peer);
  return {
    send: (stream, packet) => peer.sendPacket(stream, packet),
    close() {
      peer.close();
      wire.close();
    },
  };
}

/** Receives everything, with all that the server offers. */
export async function watchAtRoomkey({ url, entry }: RoomkeyEntry, tally: Tally): Promise<Watcher> {
  const { wire, welcome } = await Wire.connect(url);
  const opened = consumers(wire, streams.length);
  await wire.request('enter', {
    ...entry,
    scene: 'live',
    role: 'audience',
    rtpCapabilities: welcome.rtpCapabilities,
    autoReceive: { audio: true, video: true },
  });
  const offer = await wire.request('openTransport', { direction: 'recv' });
  const offers = await opened;
  const peer = RtpPeer.receiver(offer, offers);
  const extensions = offers.flatMap(({ rtpParameters }) => rtpParameters.headerExtensions ?? []);
  const ssrcs = offers.flatMap(({ rtpParameters }) => rtpParameters.encodings.map(({ ssrc = 0 }) => ssrc));
  peer.onPacket = tally.receiver(new Map(extensions.map(({ id, uri }) => [id, uri])), new Set(ssrcs));
  const { transportId } = offer;
  await wire.request('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
  await connected(peer);
  await Promise.all(offers.map(({ consumerId }) => wire.request('consumerReady', { consumerId })));
  return {
    close() {
      peer.close();
      wire.close();
    },
  };
}

const withTransportCc = (parameters: ReturnType<typeof sentParameters>): typeof parameters => ({
  ...parameters,
  codecs: parameters.codecs.map((codec) => ({ ...codec, rtcpFeedback: [{ type: 'transport-cc' }] })),
  headerExtensions: [{ uri: transportCcUri, id: transportCcId }],
});

function consumers(wire: Wire, wanted: number): Promise<ConsumerOffer[]> {
  const offers: ConsumerOffer[] = [];
  return new Promise((resolve) => {
    wire.on('consumerOpened', (offer) => {
      offers.push(offer);
      if (offers.length === wanted) resolve(offers);
    });
  });
}
