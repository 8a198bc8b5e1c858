import type { DtlsParameters, TransportOffer } from '@roomkey/protocol';
import { Audio, PeerConnection, type Track } from 'node-datachannel';
import { serverDescription } from '../server-description.ts';

const ignore = () => {};

/**
 * The far end of one transport that keeps to nothing: real ICE, DTLS and SRTP, and beneath them a single media section.
 * libdatachannel hands everything that arrives to the only section there is, and sends through it whatever it is given,
 * so that no packet is lost for having an SSRC or a payload type that nobody announced.
 */
export class MediaLine {
  /** Give this to `connectTransport`. */
  readonly dtlsParameters: DtlsParameters;
  /** Hears of every RTP packet that arrives, decrypted. */
  onPacket: (packet: Buffer) => void = ignore;
  readonly #connection: PeerConnection;
  #track: Track | undefined;
  #open = false;

  private constructor(connection: PeerConnection) {
    this.#connection = connection;
    // Without a listener for its end, node-datachannel keeps the process alive.
    connection.onStateChange(ignore);
    const fingerprint = /^a=fingerprint:sha-256 (\S+)/m.exec(connection.localDescription()?.sdp ?? '');
    if (!fingerprint?.[1]) throw new Error('libdatachannel gave no fingerprint');
    this.dtlsParameters = {
      role: 'client',
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint[1] }],
    };
  }

  /** The far end of a `send` transport. */
  static sender(offer: TransportOffer): MediaLine {
    const connection = newConnection('sender');
    const audio = new Audio('0', 'SendOnly');
    audio.addOpusCodec(111);
    audio.addSSRC(1, 'line');
    const track = connection.addTrack(audio);
    connection.setLocalDescription('offer');
    connection.setRemoteDescription(description(offer, 'passive', 'recvonly'), 'answer');
    const line = new MediaLine(connection);
    line.#keep(track);
    return line;
  }

  /** The far end of a `recv` transport. */
  static receiver(offer: TransportOffer): MediaLine {
    const connection = newConnection('receiver');
    const tracks: Track[] = [];
    let arrived = (track: Track): void => {
      tracks.push(track);
    };
    connection.onTrack((track) => arrived(track));
    connection.setRemoteDescription(description(offer, 'actpass', 'sendonly'), 'offer');
    connection.setLocalDescription('answer');
    const line = new MediaLine(connection);
    arrived = (track) => line.#keep(track);
    tracks.forEach(arrived);
    return line;
  }

  /** Whether packets can be sent. */
  get open(): boolean {
    return this.#open && (this.#track?.isOpen() ?? false);
  }

  /** Puts one RTP packet on the wire; false when the line is not open. */
  send(packet: Buffer): boolean {
    try {
      return this.open && (this.#track?.sendMessageBinary(packet) ?? false);
    } catch (error) {
      // The server may close the transport at any moment, on libdatachannel's own thread.
      if (this.#track?.isOpen()) throw error;
      return false;
    }
  }

  close(): void {
    this.#open = false;
    this.#track?.close();
    this.#connection.close();
  }

  #keep(track: Track): void {
    this.#track = track;
    this.#open = true;
    track.onClosed(ignore);
    track.onMessage((packet) => {
      const type = packet[1] ?? 0;
      // RTCP comes the same way (RFC 5761).
      if (packet.length >= 12 && (type < 192 || type > 223)) this.onPacket(packet);
    });
  }
}

const newConnection = (name: string) =>
  new PeerConnection(name, { iceServers: [], disableAutoNegotiation: true, bindAddress: '127.0.0.1' });

/** The server's session description, with one section. */
const description = (
  offer: TransportOffer,
  setup: 'passive' | 'actpass',
  direction: 'sendonly' | 'recvonly',
): string => {
  const lines = ['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2', `a=${direction}`];
  return serverDescription(offer, setup, [{ mid: '0', lines }]);
};
