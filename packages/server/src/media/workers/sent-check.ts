import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { types } from 'mediasoup';
import { answeredWithin } from '../../patience.ts';

const BINDING = 0x0001;
const MAGIC_COOKIE = 0x2112a442;
const USERNAME = 0x0006;
const HEADER_BYTES = 20;

/**
 * Knows what has left a worker. Packets that the system does not take, because the socket's buffer is full, wait in the
 * worker's own queue: a closing does not take them back, and its confirmation does not wait for them. So the worker is asked
 * by STUN (RFC 8489) over the port that its media leaves from: its answer waits behind them in the same queue.
 *
 * The request lacks what a peer would show, so that the worker answers it with an error and keeps nothing of it.
 */
export class SentCheck {
  readonly #worker: types.Worker;
  readonly #socket: Socket;
  readonly #username: string;
  readonly #waiting = new Map<string, () => void>();

  private constructor(worker: types.Worker, socket: Socket, username: string) {
    this.#worker = worker;
    this.#socket = socket;
    this.#username = username;
    socket.on('message', (packet) => this.#heard(packet));
    // What could not be sent is asked again.
    socket.on('error', () => {});
  }

  /** It ends with the worker. `ip`: an address at which this process reaches it. */
  static async open(worker: types.Worker, webRtcServer: types.WebRtcServer, ip: string): Promise<SentCheck> {
    // Of no use to anybody else: it has no codecs, and nobody learns its credentials.
    const router = await worker.createRouter({ mediaCodecs: [] });
    const { iceParameters, iceCandidates } = await router.createWebRtcTransport({ webRtcServer });
    const port = iceCandidates.find(({ protocol }) => protocol === 'udp')?.port;
    if (port === undefined) throw new Error('the worker has no UDP port');
    const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    worker.observer.once('close', () => socket.close());
    const connected = once(socket, 'connect');
    socket.connect(port, ip);
    await connected;
    socket.unref();
    return new SentCheck(worker, socket, `${iceParameters.usernameFragment}:sent`);
  }

  /** Whether everything that waits in the worker now leaves it within `ms`. A worker that ends meanwhile has nothing left. */
  async hasSent(ms: number): Promise<boolean> {
    const id = randomBytes(12);
    const key = id.toString('hex');
    const packet = request(id, this.#username);
    const answered = new Promise<boolean>((resolve) => this.#waiting.set(key, () => resolve(true)));
    this.#send(packet);
    const sent = await answeredWithin(ms, answered, () => {
      // A datagram may be lost.
      this.#send(packet);
      return this.#worker.closed ? 'never' : 'on';
    });
    this.#waiting.delete(key);
    return sent || this.#worker.closed;
  }

  #send(packet: Buffer): void {
    try {
      this.#socket.send(packet, () => {});
    } catch {
      // It has ended with the worker.
    }
  }

  #heard(packet: Buffer): void {
    if (packet.length >= HEADER_BYTES) this.#waiting.get(packet.toString('hex', 8, HEADER_BYTES))?.();
  }
}

function request(id: Buffer, username: string): Buffer {
  const name = Buffer.from(username);
  const padded = Math.ceil(name.length / 4) * 4;
  const packet = Buffer.alloc(HEADER_BYTES + 4 + padded);
  packet.writeUInt16BE(BINDING, 0);
  packet.writeUInt16BE(4 + padded, 2);
  packet.writeUInt32BE(MAGIC_COOKIE, 4);
  id.copy(packet, 8);
  packet.writeUInt16BE(USERNAME, HEADER_BYTES);
  packet.writeUInt16BE(name.length, HEADER_BYTES + 2);
  name.copy(packet, HEADER_BYTES + 4);
  return packet;
}
