import { published } from '../published.ts';
import type { RoomkeyEntry } from '../roomkey/publisher.ts';
import { receiveAtRoomkey } from '../roomkey/receiver.ts';
import type { Tally } from './tally.ts';
import type { Watcher } from './watcher.ts';

/** Receives everything, with all that the server offers. */
export function watchAtRoomkey(entry: RoomkeyEntry, tally: Tally): Promise<Watcher> {
  const as = { scene: 'live', role: 'audience' } as const;
  return receiveAtRoomkey(entry, published.length, as, ({ offers, peer }) => {
    const extensions = offers.flatMap(({ rtpParameters }) => rtpParameters.headerExtensions ?? []);
    const ssrcs = offers.flatMap(({ rtpParameters }) => rtpParameters.encodings.map(({ ssrc = 0 }) => ssrc));
    peer.onPacket = tally.receiver(new Map(extensions.map(({ id, uri }) => [id, uri])), new Set(ssrcs));
  });
}
