import { randomInt } from 'node:crypto';

const headerLength = 12;

/** Numbers the packets of one outgoing stream (RFC 3550). */
export class RtpStream {
  readonly ssrc = randomInt(1, 0xffff_ffff);
  readonly #payloadType: number;
  readonly #clockRate: number;
  readonly #firstTimestamp = randomInt(0xffff_ffff);
  #sequence = randomInt(0x1_0000);

  constructor(payloadType: number, clockRate: number) {
    this.#payloadType = payloadType;
    this.#clockRate = clockRate;
  }

  /** The packets of one frame, sampled `atMs` after the beginning; the last one has the marker bit. */
  packets(payloads: readonly Uint8Array[], atMs: number): Buffer[] {
    const timestamp = (this.#firstTimestamp + Math.round((atMs * this.#clockRate) / 1000)) >>> 0;
    return payloads.map((payload, index) => {
      const packet = Buffer.alloc(headerLength + payload.length);
      const marker = index === payloads.length - 1 ? 0x80 : 0;
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(marker | this.#payloadType, 1);
      packet.writeUInt16BE(this.#sequence, 2);
      packet.writeUInt32BE(timestamp, 4);
      packet.writeUInt32BE(this.ssrc, 8);
      packet.set(payload, headerLength);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      return packet;
    });
  }
}

/** The SSRC of an RTP packet; undefined for RTCP, which comes on the same transport (RFC 5761). */
export function ssrcOf(packet: Buffer): number | undefined {
  const type = packet[1] ?? 0;
  if (packet.length < headerLength || (type >= 192 && type <= 223)) return undefined;
  return packet.readUInt32BE(8);
}
