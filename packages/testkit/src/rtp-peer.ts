import type {
  ConsumerOffer,
  DtlsParameters,
  MediaKind,
  RtpParameters,
  TransportOffer,
} from '@roomkey/protocol';
import { Audio, PeerConnection, RtcpReceivingSession, type Track, Video } from 'node-datachannel';
import { ArrivalReports } from './arrival-reports.ts';
import { nackPacket } from './rtcp.ts';
import { type Section, serverDescription } from './server-description.ts';
import type { UdpLink } from './udp-link.ts';

/** A stream that a peer can send. */
export interface SentStream {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly ssrc: number;
  readonly payloadType: number;
}

/**
 * The far end of one transport, in Node: real ICE, DTLS and SRTP through libdatachannel. It sends RTP packets and
 * counts what arrives, by SSRC; it knows no room. Streams and consumers are named once, when it is made.
 */
export class RtpPeer {
  /** Give this to `connectTransport`. */
  readonly dtlsParameters: DtlsParameters;
  /** Hears of every RTP packet that arrives, decrypted. */
  onPacket: (packet: Buffer) => void = () => {};
  /** Hears of every RTCP packet that arrives, decrypted. */
  onRtcp: (packet: Buffer) => void = () => {};
  readonly #connection: PeerConnection;
  readonly #tracks: ReadonlyMap<string, Track>;
  readonly #received = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sequences = new Map<number, number>();
  readonly #asking = new Set<string>();
  readonly #closing: (() => void)[] = [];

  private constructor(connection: PeerConnection, tracks: ReadonlyMap<string, Track>) {
    this.#connection = connection;
    this.#tracks = tracks;
    const fingerprint = /^a=fingerprint:sha-256 (\S+)/m.exec(connection.localDescription()?.sdp ?? '');
    if (!fingerprint?.[1]) throw new Error('libdatachannel gave no fingerprint');
    this.dtlsParameters = {
      role: 'client',
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint[1] }],
    };
  }

  /** The far end of a `send` transport. */
  static sender(offer: TransportOffer, streams: readonly SentStream[]): RtpPeer {
    const connection = new PeerConnection('sender', { iceServers: [], disableAutoNegotiation: true });
    const tracks = new Map(
      streams.map((stream) => [String(stream.ssrc), connection.addTrack(sentMedia(stream))]),
    );
    connection.setLocalDescription('offer');
    connection.setRemoteDescription(
      serverDescription(offer, 'passive', streams.map(receivingSection)),
      'answer',
    );
    const peer = new RtpPeer(connection, tracks);
    for (const track of tracks.values()) track.onMessage((packet) => peer.#take(packet));
    return peer;
  }

  /** The far end of a `recv` transport on which these consumers are open. */
  static receiver(offer: TransportOffer, consumers: readonly ConsumerOffer[]): RtpPeer {
    const connection = new PeerConnection('receiver', { iceServers: [], disableAutoNegotiation: true });
    const tracks = new Map<string, Track>();
    const listen: ((track: Track) => void)[] = [];
    connection.onTrack((track) => {
      tracks.set(track.mid(), track);
      for (const job of listen) job(track);
    });
    connection.setRemoteDescription(
      serverDescription(offer, 'actpass', consumers.map(sendingSection)),
      'offer',
    );
    connection.setLocalDescription('answer');
    const peer = new RtpPeer(connection, tracks);
    listen.push((track) => track.onMessage((packet) => peer.#take(packet)));
    for (const track of tracks.values()) track.onMessage((packet) => peer.#take(packet));
    return peer;
  }

  /** `connected` once media can flow. */
  get state(): string {
    return this.#connection.state();
  }

  /** The UDP port that everything arrives at. @throws before it is connected */
  get localPort(): number {
    const { local } = this.#connection.getSelectedCandidatePair() ?? {};
    if (!local) throw new Error('the peer is not connected');
    return local.port;
  }

  /** RTP packets that arrived with an SSRC. */
  received(ssrc: number): number {
    return this.#received.get(ssrc) ?? 0;
  }

  /** Asks for a key frame of what is received under a `mid` (PLI); it must have brought a packet since the first call. */
  askForKeyFrame(mid: string): void {
    const track = this.#tracks.get(mid);
    if (!track) throw new Error(`nothing is received under ${mid}`);
    if (!this.#asking.has(mid)) track.setMediaHandler(new RtcpReceivingSession());
    this.#asking.add(mid);
    if (track.isOpen()) track.requestKeyframe();
  }

  /** Sends one stream from now on; the result tells how many packets went out and stops it. One at a time per stream. */
  send(stream: SentStream, rate: { readonly packetsPerSecond: number; readonly bytes: number }): Sending {
    const track = this.#tracks.get(String(stream.ssrc));
    if (!track) throw new Error(`no stream with SSRC ${stream.ssrc}`);
    let sent = 0;
    const started = performance.now();
    const timer = setInterval(() => {
      const due = ((performance.now() - started) * rate.packetsPerSecond) / 1000;
      for (; sent < due && track.isOpen(); sent++) {
        // SRTP takes no sequence number twice, also when the stream was stopped in between.
        const sequence = (this.#sequences.get(stream.ssrc) ?? 0) + 1;
        this.#sequences.set(stream.ssrc, sequence);
        if (!put(track, rtpPacket(stream, sequence, rate.bytes))) return;
      }
    }, 10);
    this.#timers.add(timer);
    return { sent: () => sent, stop: () => clearInterval(timer) };
  }

  /** Puts one RTP packet of the caller's own making on the wire; false when the stream is not open. Not beside `send`. */
  sendPacket({ ssrc }: Pick<SentStream, 'ssrc'>, packet: Buffer): boolean {
    const track = this.#tracks.get(String(ssrc));
    if (!track) throw new Error(`no stream with SSRC ${ssrc}`);
    return put(track, packet);
  }

  /** Asks for packets of a stream again (generic NACK, RFC 4585) that is received under a `mid`; not beside {@link askForKeyFrame}. */
  askAgain(mid: string, ssrc: number, sequence: number): void {
    put(this.#tracks.get(mid), nackPacket(ssrc, sequence));
  }

  /**
   * Reports from now on how packets arrive (transport-cc), as browsers do, by what the link says on which they come. `picture` is any
   * that is received.
   */
  reportArrivals(link: UdpLink, { rtpParameters: { mid = '', headerExtensions = [] } }: ConsumerOffer): void {
    const { id } = headerExtensions.find(({ uri }) => uri.endsWith('transport-wide-cc-extensions-01')) ?? {};
    if (id === undefined) throw new Error('the packets are not numbered');
    const reports = new ArrivalReports((report) => put(this.#tracks.get(mid), report));
    link.onRtp = (packet, ms) => reports.arrived(packet, id, ms);
    this.#closing.push(() => reports.close());
  }

  close(): void {
    for (const close of this.#closing) close();
    for (const timer of this.#timers) clearInterval(timer);
    this.#connection.close();
  }

  #take(packet: Buffer): void {
    const type = packet[1] ?? 0;
    // RTCP comes the same way (RFC 5761).
    if (type >= 192 && type <= 223) this.onRtcp(packet);
    if (packet.length < 12 || (type >= 192 && type <= 223)) return;
    const ssrc = packet.readUInt32BE(8);
    this.#received.set(ssrc, this.received(ssrc) + 1);
    this.onPacket(packet);
  }
}

/** A stream on its way out. */
export interface Sending {
  sent(): number;
  stop(): void;
}

/** The `rtpParameters` of a stream, as a client says them. */
export const sentParameters = ({ mid, kind, ssrc, payloadType }: SentStream): RtpParameters => ({
  mid,
  codecs: [
    kind === 'audio'
      ? { mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 }
      : { mimeType: 'video/VP8', payloadType, clockRate: 90_000 },
  ],
  encodings: [{ ssrc }],
  headerExtensions: [],
  rtcp: { cname: 'peer', reducedSize: true },
});

/** Puts a packet on the wire; false when the track is closed, which the server may do at any moment, on libdatachannel's own thread. */
function put(track: Track | undefined, packet: Buffer): boolean {
  if (!track?.isOpen()) return false;
  try {
    return track.sendMessageBinary(packet);
  } catch (error) {
    if (track.isOpen()) throw error;
    return false;
  }
}

function rtpPacket({ kind, ssrc, payloadType }: SentStream, sequence: number, bytes: number) {
  const packet = Buffer.alloc(bytes);
  packet[0] = 0x80;
  packet[1] = 0x80 | payloadType;
  packet.writeUInt16BE(sequence % 0x1_0000, 2);
  packet.writeUInt32BE((sequence * 960) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  // VP8: start of partition 0 of a key frame (RFC 7741), so that forwarding can begin with every packet.
  if (kind === 'video') packet[12] = 0x10;
  return packet;
}

function sentMedia({ mid, kind, ssrc, payloadType }: SentStream): Audio | Video {
  const media = kind === 'audio' ? new Audio(mid, 'SendOnly') : new Video(mid, 'SendOnly');
  if (media instanceof Audio) media.addOpusCodec(payloadType);
  else media.addVP8Codec(payloadType);
  media.addSSRC(ssrc, 'peer');
  return media;
}

const codecName = (mimeType: string) => mimeType.slice(mimeType.indexOf('/') + 1);

const receivingSection = ({ mid, kind, payloadType }: SentStream): Section => ({
  mid,
  lines: [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    `a=rtpmap:${payloadType} ${kind === 'audio' ? 'opus/48000/2' : 'VP8/90000'}`,
    'a=recvonly',
  ],
});

function sendingSection({ kind, rtpParameters }: ConsumerOffer): Section {
  const { mid = '', codecs, encodings } = rtpParameters;
  const ssrcs = encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc]).filter((ssrc) => ssrc !== undefined);
  return {
    mid,
    lines: [
      `m=${kind} 9 UDP/TLS/RTP/SAVPF ${codecs.map(({ payloadType }) => payloadType).join(' ')}`,
      ...codecs.flatMap(({ mimeType, payloadType, clockRate, channels = 1, parameters = {} }) => {
        const apt = parameters['apt'];
        const name = `${codecName(mimeType)}/${clockRate}${channels > 1 ? `/${channels}` : ''}`;
        return [
          `a=rtpmap:${payloadType} ${name}`,
          ...(apt === undefined ? [] : [`a=fmtp:${payloadType} apt=${apt}`]),
        ];
      }),
      'a=sendonly',
      ...(ssrcs.length > 1 ? [`a=ssrc-group:FID ${ssrcs.join(' ')}`] : []),
      ...ssrcs.map((ssrc) => `a=ssrc:${ssrc} cname:server`),
    ],
  };
}
