import type { MediaKind } from '@roomkey/protocol';
import { type Slot, slotKind, slots } from '@roomkey/tickets/permissions';

/** A stream of a disobedient client: one for each slot, and one that is nobody's to forbid. */
export type StreamName = Slot | 'control';

export const streamNames: readonly StreamName[] = [...slots, 'control'];

export const kindOf = (stream: StreamName): MediaKind => (stream === 'control' ? 'audio' : slotKind(stream));

/** What stands in every RTP packet of a disobedient client: it is recognised by that, whatever SSRC it arrives with. */
export interface Mark {
  /** The sender. */
  readonly who: number;
  readonly stream: StreamName;
  /** Rises by one with every packet of the stream. */
  readonly number: number;
}

/** How a packet is sent. */
export interface Header {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Default: the number of the mark. SRTP takes no sequence number of an SSRC twice. */
  readonly sequence?: number;
  /** A MID that it claims to belong to, with the id of the header extension (RFC 8285). */
  readonly claims?: { readonly id: number; readonly mid: string };
}

/** Length in bytes of every marked packet, without what SRTP adds. */
export const packetBytes = 40;
/** What SRTP adds with `AEAD_AES_256_GCM`, which the server prefers; nothing it offers adds more. */
export const srtpBytes = 16;

const magic = 0x52_4b_50_31;
/** Behind the RTP header. */
const at = { frame: 0, magic: 2, who: 6, stream: 10, number: 11, end: 15 };
const headerBytes = 12;

/** An RTP packet with a mark, which begins a key frame of VP8 (RFC 7741) or is a sound, as its receiver likes. */
export function markedPacket(header: Header, { who, stream, number }: Mark): Buffer {
  const { ssrc, payloadType, sequence = number, claims } = header;
  const packet = Buffer.alloc(packetBytes);
  packet[0] = 0x80;
  packet[1] = 0x80 | payloadType;
  packet.writeUInt16BE(sequence % 0x1_0000, 2);
  packet.writeUInt32BE((sequence * 960) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  const payload = packet.subarray(headerBytes);
  payload[at.frame] = 0x10;
  payload.writeUInt32BE(magic, at.magic);
  payload.writeUInt32BE(who, at.who);
  payload[at.stream] = streamNames.indexOf(stream);
  payload.writeUInt32BE(number, at.number);
  return claims ? extended(packet, claims) : packet;
}

/** The packet with one header extension. */
function extended(packet: Buffer, { id, mid }: NonNullable<Header['claims']>): Buffer {
  const words = Math.ceil((1 + mid.length) / 4);
  const extension = Buffer.alloc(4 + words * 4);
  extension.writeUInt16BE(0xbede, 0);
  extension.writeUInt16BE(words, 2);
  extension[4] = (id << 4) | (mid.length - 1);
  extension.write(mid, 5, 'ascii');
  const first = Buffer.from(packet.subarray(0, headerBytes));
  first[0] = 0x90;
  return Buffer.concat([first, extension, packet.subarray(headerBytes)]);
}

/** The mark of an RTP packet; undefined when it has none. */
export function markOf(packet: Buffer): Mark | undefined {
  const payload = payloadOf(packet);
  if (payload.length < at.end || payload.readUInt32BE(at.magic) !== magic) return undefined;
  const stream = streamNames[payload[at.stream] ?? streamNames.length];
  if (stream === undefined) return undefined;
  return { who: payload.readUInt32BE(at.who), stream, number: payload.readUInt32BE(at.number) };
}

/** What is behind the header and its extension (RFC 3550). */
function payloadOf(packet: Buffer): Buffer {
  const first = packet[0] ?? 0;
  const fixed = headerBytes + (first & 0x0f) * 4;
  const extended = (first & 0x10) !== 0 && packet.length >= fixed + 4;
  return packet.subarray(extended ? fixed + 4 + packet.readUInt16BE(fixed + 2) * 4 : fixed);
}
