import type { Track } from 'node-datachannel';
import { connected, gathered, newPeer } from '../janus/peer.ts';
import { subscribeAtJanus } from '../janus/room.ts';
import type { JanusSession, Jsep } from '../janus/session.ts';
import type { Tally } from './tally.ts';
import type { Watcher } from './watcher.ts';

/** Receives everything of the publisher, with the header extensions of `uris` and no others. */
export async function watchAtJanus(
  session: JanusSession,
  from: { readonly room: number; readonly feed: number },
  uris: readonly string[],
  tally: Tally,
): Promise<Watcher> {
  const handle = await session.attach();
  const offer = await subscribeAtJanus(session, handle, from);
  const sdp = offer.sdp.replaceAll(/^a=extmap:\d+(?:\/\w+)? (\S+).*\r?\n/gm, (line, uri) =>
    uris.includes(uri) ? line : '',
  );
  const extensions = [...sdp.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)];
  const heard = tally.receiver(new Map(extensions.map(([, id, uri = '']) => [Number(id), uri])));
  const peer = newPeer();
  const tracks: Track[] = [];
  peer.onTrack((track) => {
    track.onMessage(heard);
    tracks.push(track); // A track that nothing refers to is garbage, and its packets with it.
  });
  peer.setRemoteDescription(sdp, 'offer');
  peer.setLocalDescription('answer');
  const answer: Jsep = { type: 'answer', sdp: await gathered(peer) };
  await session.message(handle, { request: 'start' }, answer);
  await connected(peer);
  return {
    close() {
      for (const track of tracks) track.close();
      peer.close();
    },
  };
}
