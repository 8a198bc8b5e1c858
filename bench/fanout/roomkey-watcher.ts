import type { ConsumerOffer } from '@roomkey/protocol';
import { RtpPeer } from '@roomkey/testkit/rtp';
import { connected } from '../connected.ts';
import { published } from '../published.ts';
import type { RoomkeyEntry } from '../roomkey/publisher.ts';
import { Wire } from '../wire.ts';
import type { Tally } from './tally.ts';
import type { Watcher } from './watcher.ts';

/** Receives everything, with all that the server offers. */
export async function watchAtRoomkey({ url, entry }: RoomkeyEntry, tally: Tally): Promise<Watcher> {
  const { wire, welcome } = await Wire.connect(url);
  const opened = consumers(wire, published.length);
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

function consumers(wire: Wire, wanted: number): Promise<ConsumerOffer[]> {
  const offers: ConsumerOffer[] = [];
  return new Promise((resolve) => {
    wire.on('consumerOpened', (offer) => {
      offers.push(offer);
      if (offers.length === wanted) resolve(offers);
    });
  });
}
