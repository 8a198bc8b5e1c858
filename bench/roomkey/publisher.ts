import { RtpPeer, sentParameters } from '@roomkey/testkit/rtp';
import { connected } from '../connected.ts';
import { type Publisher, published, transportCcId, transportCcUri } from '../published.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';

/** Where and as whom somebody enters the product. */
export interface RoomkeyEntry {
  readonly url: string;
  readonly entry: SignedEntry;
}

/** Publishes a microphone and a camera. */
export async function publishAtRoomkey(
  { url, entry }: RoomkeyEntry,
  transportCc: boolean,
): Promise<Publisher> {
  const { wire } = await Wire.connect(url);
  await wire.request('enter', { ...entry, scene: 'live', role: 'anchor' });
  const offer = await wire.request('openTransport', { direction: 'send' });
  const { transportId } = offer;
  for (const { slot, stream } of published) {
    const parameters = sentParameters(stream);
    const rtpParameters = transportCc ? withTransportCc(parameters) : parameters;
    await wire.request('publish', { transportId, slot, rtpParameters });
  }
  const peer = RtpPeer.sender(
    offer,
    published.map(({ stream }) => stream),
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

const withTransportCc = (parameters: ReturnType<typeof sentParameters>): typeof parameters => ({
  ...parameters,
  codecs: parameters.codecs.map((codec) => ({ ...codec, rtcpFeedback: [{ type: 'transport-cc' }] })),
  headerExtensions: [{ uri: transportCcUri, id: transportCcId }],
});
