import datachannel, { type PeerConnection, type Track } from 'node-datachannel';
import type { JanusSession, Jsep } from './janus-session.ts';
import type { Publisher, Watcher } from './room.ts';
import { audio, transportCcId, transportCcUri, video } from './stream.ts';
import type { Tally } from './tally.ts';

export const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid';

const room = 1;

/** Makes the room; header extensions that are not compared are off. */
export async function createJanusRoom(session: JanusSession, transportCc: boolean): Promise<void> {
  await session.message(await session.attach(), {
    request: 'create',
    room,
    publishers: 1,
    audiocodec: 'opus',
    videocodec: 'vp8',
    audiolevel_ext: false,
    videoorient_ext: false,
    playoutdelay_ext: false,
    transport_wide_cc_ext: transportCc,
  });
}

/** Publishes a microphone and a camera, and tells under which id. */
export async function publishAtJanus(
  session: JanusSession,
  transportCc: boolean,
): Promise<Publisher & { readonly feed: number }> {
  const handle = await session.attach();
  const { data } = await session.message(handle, { request: 'join', ptype: 'publisher', room });
  const connection = newConnection();
  const [sound, picture] = [
    new datachannel.Audio(audio.mid, 'SendOnly'),
    new datachannel.Video(video.mid, 'SendOnly'),
  ];
  sound.addOpusCodec(audio.payloadType);
  sound.addSSRC(audio.ssrc, 'bench');
  picture.addVP8Codec(video.payloadType);
  picture.addSSRC(video.ssrc, 'bench');
  const tracks = new Map<number, Track>([
    [audio.ssrc, connection.addTrack(sound)],
    [video.ssrc, connection.addTrack(picture)],
  ]);
  connection.setLocalDescription('offer');
  const offer = await gathered(connection);
  const sdp = transportCc ? withTransportCc(offer) : offer;
  const { jsep } = await session.message(handle, { request: 'publish' }, { type: 'offer', sdp });
  connection.setRemoteDescription(needed(jsep).sdp, 'answer');
  await connected(connection);
  return {
    feed: Number(data['id']),
    send: ({ ssrc }, packet) => {
      const track = tracks.get(ssrc);
      return track?.isOpen() === true && track.sendMessageBinary(packet);
    },
    close: () => connection.close(),
  };
}

/** Receives everything of the publisher, with the header extensions of `uris` and no others. */
export async function watchAtJanus(
  session: JanusSession,
  feed: number,
  uris: readonly string[],
  tally: Tally,
): Promise<Watcher> {
  const handle = await session.attach();
  const join = { request: 'join', ptype: 'subscriber', room, streams: [{ feed }] };
  const offer = needed((await session.message(handle, join)).jsep);
  const sdp = offer.sdp.replaceAll(/^a=extmap:\d+(?:\/\w+)? (\S+).*\r?\n/gm, (line, uri) =>
    uris.includes(uri) ? line : '',
  );
  const extensions = [...sdp.matchAll(/^a=extmap:(\d+)(?:\/\w+)? (\S+)/gm)];
  const heard = tally.receiver(new Map(extensions.map(([, id, uri = '']) => [Number(id), uri])));
  const connection = newConnection();
  const tracks: Track[] = [];
  connection.onTrack((track) => {
    track.onMessage(heard);
    tracks.push(track); // A track that nothing refers to is garbage, and its packets with it.
  });
  connection.setRemoteDescription(sdp, 'offer');
  connection.setLocalDescription('answer');
  const answer: Jsep = { type: 'answer', sdp: await gathered(connection) };
  await session.message(handle, { request: 'start' }, answer);
  await connected(connection);
  return {
    close() {
      for (const track of tracks) track.close();
      connection.close();
    },
  };
}

const newConnection = (): PeerConnection =>
  new datachannel.PeerConnection('bench', { iceServers: [], disableAutoNegotiation: true });

function needed(jsep: Jsep | undefined): Jsep {
  if (!jsep) throw new Error('Janus gave no session description');
  return jsep;
}

/** The local description with all its candidates. */
async function gathered(connection: PeerConnection): Promise<string> {
  if (connection.gatheringState() !== 'complete') {
    await new Promise<void>((resolve) => {
      connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
  }
  return connection.localDescription()?.sdp ?? '';
}

function connected(connection: PeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (state: string) => {
      if (state === 'connected') resolve();
      if (state === 'failed') reject(new Error('a peer could not connect'));
    };
    connection.onStateChange(look);
    look(connection.state());
  });
}

/** Offers transport-cc in both sections of a session description. */
const withTransportCc = (sdp: string): string =>
  [audio, video].reduce(
    (text, { mid, payloadType }) =>
      text.replace(
        `a=mid:${mid}\r\n`,
        `a=mid:${mid}\r\na=extmap:${transportCcId} ${transportCcUri}\r\na=rtcp-fb:${payloadType} transport-cc\r\n`,
      ),
    sdp,
  );
