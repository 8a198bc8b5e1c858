import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TransportOffer } from '@roomkey/protocol';

export interface LinkSettings {
  /** What fits down the link, towards the client, in bits per second. Default: everything. */
  readonly downBitsPerSecond?: number;
  /** Packets that would wait longer than this are lost, as in the queue of a router. Default 300 ms. */
  readonly queueMs?: number;
  /** The client never hears that the other end has closed its DTLS association. Default false. */
  readonly deaf?: boolean;
}

const standard = { downBitsPerSecond: Number.POSITIVE_INFINITY, queueMs: 300, deaf: false };

/** A DTLS record that carries an alert (RFC 6347): the end of an association is one. */
const isAlert = (packet: Buffer): boolean => packet[0] === 21;
/** RTP and RTCP among what shares a port (RFC 7983). */
const isMedia = (packet: Buffer): boolean => (packet[0] ?? 0) >= 128 && (packet[0] ?? 0) <= 191;
/** RTP, among what is media (RFC 5761). */
const isRtp = (packet: Buffer): boolean =>
  isMedia(packet) && ((packet[1] ?? 0) < 192 || (packet[1] ?? 0) > 223);

/** A link on the way to one worker: a UDP relay on loopback, fast upwards, downwards as slow as it is told. */
export class UdpLink {
  /** Hears of each packet of RTP that comes down, still encrypted, and when it arrives, in ms of `performance.now`. */
  onRtp: (packet: Buffer, ms: number) => void = () => {};
  readonly #target: { readonly address: string; readonly port: number };
  readonly #near: Socket;
  readonly #far = new Map<string, Socket>();
  #settings: Required<LinkSettings>;
  #freeAt = 0;
  #dropped = 0;
  #passed = 0;
  #toLose = 0;

  private constructor(near: Socket, target: { address: string; port: number }, settings: LinkSettings) {
    this.#near = near;
    this.#target = target;
    this.#settings = { ...standard, ...settings };
    near.on('message', (packet, from) => this.#up(packet, from.address, from.port));
  }

  /** A link to the worker that a transport is on. */
  static async open(offer: TransportOffer, settings: LinkSettings): Promise<UdpLink> {
    const target = offer.iceCandidates.find(({ protocol }) => protocol === 'udp');
    if (!target) throw new Error('the transport has no UDP candidate');
    const near = createSocket('udp4');
    near.bind(0, '127.0.0.1');
    await once(near, 'listening');
    return new UdpLink(near, { address: target.address, port: target.port }, settings);
  }

  /** Packets of RTP and RTCP that went up so far, handed to this computer's network. */
  get passed(): number {
    return this.#passed;
  }

  /** Packets lost so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The offer as a client sees it that has no other way than this link. */
  through(offer: TransportOffer): TransportOffer {
    const iceCandidates = offer.iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map((candidate) => ({
        ...candidate,
        address: '127.0.0.1',
        ip: '127.0.0.1',
        port: this.#near.address().port,
      }));
    return { ...offer, iceCandidates };
  }

  /** Changes the link while packets flow. */
  set(settings: LinkSettings): void {
    this.#settings = { ...standard, ...settings };
  }

  /** The next packet of RTP that comes down is lost. */
  loseNext(): void {
    this.#toLose++;
  }

  close(): void {
    this.#near.close();
    for (const socket of this.#far.values()) socket.close();
    this.#far.clear();
  }

  #up(packet: Buffer, address: string, port: number): void {
    const client = `${address}:${port}`;
    let far = this.#far.get(client);
    if (!far) {
      far = createSocket('udp4');
      far.on('message', (answer) => this.#down(answer, address, port));
      this.#far.set(client, far);
    }
    far.send(packet, this.#target.port, this.#target.address, (error) => {
      if (!error && isMedia(packet)) this.#passed++;
    });
  }

  #down(packet: Buffer, address: string, port: number): void {
    if (this.#settings.deaf && isAlert(packet)) return;
    if (this.#toLose > 0 && isRtp(packet)) {
      this.#toLose--;
      this.#dropped++;
      return;
    }
    const now = performance.now();
    const leaves = Math.max(now, this.#freeAt) + (packet.length * 8000) / this.#settings.downBitsPerSecond;
    if (leaves - now > this.#settings.queueMs) {
      this.#dropped++;
      return;
    }
    this.#freeAt = leaves;
    if (isRtp(packet)) this.onRtp(packet, leaves);
    const send = () => {
      if (this.#far.size > 0) this.#near.send(packet, port, address);
    };
    if (leaves > now) setTimeout(send, leaves - now);
    else send();
  }
}
