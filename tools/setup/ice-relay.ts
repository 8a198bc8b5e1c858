import { createHmac, randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { crc32 } from 'node:zlib';
import type { types } from 'mediasoup';

/** Joins two ICE-lite transports: each sees the relay as its peer, and what one sends over DTLS or RTP reaches the other. */
export class IceRelay {
  readonly #sockets: readonly [dgram.Socket, dgram.Socket];

  private constructor(sockets: readonly [dgram.Socket, dgram.Socket]) {
    this.#sockets = sockets;
  }

  /** Nominates the relay at both transports, each with one UDP candidate on the loopback interface. */
  static async open(a: types.WebRtcTransport, b: types.WebRtcTransport): Promise<IceRelay> {
    const sockets = [dgram.createSocket('udp4'), dgram.createSocket('udp4')] as const;
    await Promise.all([nominate(sockets[0], a), nominate(sockets[1], b)]);
    forward(sockets[0], sockets[1]);
    forward(sockets[1], sockets[0]);
    return new IceRelay(sockets);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function nominate(socket: dgram.Socket, transport: types.WebRtcTransport): Promise<void> {
  const candidate = transport.iceCandidates[0];
  if (candidate === undefined) throw new Error('the transport has no ICE candidate');
  socket.connect(candidate.port, '127.0.0.1');
  await once(socket, 'connect');
  const answered = once(socket, 'message');
  socket.send(bindingRequest(transport.iceParameters));
  const [answer] = (await answered) as [Buffer];
  if (answer.readUInt16BE(0) !== bindingSuccess) throw new Error('the ICE binding request was refused');
}

function forward(from: dgram.Socket, to: dgram.Socket): void {
  from.on('message', (packet) => {
    // RFC 7983: a first byte of 0 to 3 is STUN, which belongs to one side only.
    if ((packet[0] ?? 0) > 3) to.send(packet);
  });
}

const bindingSuccess = 0x0101;

/** A STUN binding request (RFC 8489) of a controlling ICE agent that nominates this path (RFC 8445). */
function bindingRequest({ usernameFragment, password }: types.IceParameters): Buffer {
  const header = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
  const plain = Buffer.concat([
    header,
    attribute(0x0006, Buffer.from(`${usernameFragment}:relay`)),
    attribute(0x0024, Buffer.from('6e0001ff', 'hex')), // PRIORITY
    attribute(0x802a, randomBytes(8)), // ICE-CONTROLLING
    attribute(0x0025, Buffer.alloc(0)), // USE-CANDIDATE
  ]);
  // The last two attributes are computed over all before them, with a length that already includes themselves.
  setLength(plain, plain.length - 20 + 24);
  const integrity = createHmac('sha1', password).update(plain).digest();
  const signed = Buffer.concat([plain, attribute(0x0008, integrity)]);
  setLength(signed, signed.length - 20 + 8);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(signed) ^ 0x5354554e) >>> 0);
  return Buffer.concat([signed, attribute(0x8028, fingerprint)]);
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function setLength(message: Buffer, length: number): void {
  message.writeUInt16BE(length, 2);
}
