import type { ConsumerOffer, Params } from '@roomkey/protocol';
import { RtpPeer } from '@roomkey/testkit/rtp';
import { connected } from '../connected.ts';
import { Wire } from '../wire.ts';
import type { RoomkeyEntry } from './publisher.ts';

/** Somebody who receives everything in a room of the product. */
export interface Receiver {
  readonly offers: readonly ConsumerOffer[];
  readonly peer: RtpPeer;
  close(): void;
}

/**
 * Enters and receives as many tracks as are published there, over ICE, DTLS and SRTP, with all that the server offers. `prepare`
 * is called before the first packet can come.
 */
export async function receiveAtRoomkey(
  { url, entry }: RoomkeyEntry,
  tracks: number,
  as: Pick<Params<'enter'>, 'scene' | 'role'>,
  prepare: (receiver: Receiver) => void = () => {},
): Promise<Receiver> {
  const { wire, welcome } = await Wire.connect(url);
  const opened = consumers(wire, tracks);
  await wire.request('enter', {
    ...entry,
    ...as,
    rtpCapabilities: welcome.rtpCapabilities,
    autoReceive: { audio: true, video: true },
  });
  const offer = await wire.request('openTransport', { direction: 'recv' });
  const offers = await opened;
  const peer = RtpPeer.receiver(offer, offers);
  const receiver: Receiver = {
    offers,
    peer,
    close() {
      peer.close();
      wire.close();
    },
  };
  prepare(receiver);
  const { transportId } = offer;
  await wire.request('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
  await connected(peer);
  await Promise.all(offers.map(({ consumerId }) => wire.request('consumerReady', { consumerId })));
  return receiver;
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
