import datachannel, { type Track } from 'node-datachannel';
import { audio, type Publisher, transportCcId, transportCcUri, video } from '../published.ts';
import { connected, gathered, newPeer } from './peer.ts';
import type { JanusSession, Jsep } from './session.ts';

/** A room of the VideoRoom plugin. */
interface JanusRoom {
  readonly room: number;
  readonly transportCc: boolean;
  /** Whether those inside are told who joins; those who only subscribe are never told of. */
  readonly notifyJoining: boolean;
}

/** Makes a room for one who publishes; header extensions that are not compared are off. */
export async function createJanusRoom(
  session: JanusSession,
  { room, transportCc, notifyJoining }: JanusRoom,
): Promise<void> {
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
    notify_joining: notifyJoining,
  });
}

/** Publishes a microphone and a camera, and tells under which id. */
export async function publishAtJanus(
  session: JanusSession,
  room: number,
  transportCc: boolean,
): Promise<Publisher & { readonly feed: number }> {
  const handle = await session.attach();
  const { data } = await session.message(handle, { request: 'join', ptype: 'publisher', room });
  const peer = newPeer();
  const [sound, picture] = [
    new datachannel.Audio(audio.mid, 'SendOnly'),
    new datachannel.Video(video.mid, 'SendOnly'),
  ];
  sound.addOpusCodec(audio.payloadType);
  sound.addSSRC(audio.ssrc, 'bench');
  picture.addVP8Codec(video.payloadType);
  picture.addSSRC(video.ssrc, 'bench');
  const tracks = new Map<number, Track>([
    [audio.ssrc, peer.addTrack(sound)],
    [video.ssrc, peer.addTrack(picture)],
  ]);
  peer.setLocalDescription('offer');
  const offer = await gathered(peer);
  const sdp = transportCc ? withTransportCc(offer) : offer;
  const { jsep } = await session.message(handle, { request: 'publish' }, { type: 'offer', sdp });
  peer.setRemoteDescription(needed(jsep).sdp, 'answer');
  await connected(peer);
  return {
    feed: Number(data['id']),
    send: ({ ssrc }, packet) => {
      const track = tracks.get(ssrc);
      return track?.isOpen() === true && track.sendMessageBinary(packet);
    },
    close: () => peer.close(),
  };
}

/** Asks for everything of a publisher; resolves with what Janus offers for it. */
export async function subscribeAtJanus(
  session: JanusSession,
  handle: number,
  { room, feed }: { readonly room: number; readonly feed: number },
): Promise<Jsep> {
  const join = { request: 'join', ptype: 'subscriber', room, streams: [{ feed }] };
  return needed((await session.message(handle, join)).jsep);
}

function needed(jsep: Jsep | undefined): Jsep {
  if (!jsep) throw new Error('Janus gave no session description');
  return jsep;
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
