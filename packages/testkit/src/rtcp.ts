/** Feedback about transport and about payloads, with the formats in use (RFC 4585, RFC 5104). */
const RTPFB = 205;
const GENERIC_NACK = 1;
const PSFB = 206;
const PLI = 1;
const FIR = 4;

/** The parts of an RTCP packet, compound or not. */
function* parts(
  packet: Buffer,
): Iterable<{ readonly type: number; readonly format: number; readonly part: Buffer }> {
  for (let at = 0; at + 4 <= packet.length; ) {
    const [head = 0, type = 0] = packet.subarray(at, at + 2);
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    yield { type, format: head & 0x1f, part: packet.subarray(at, end) };
    at = end;
  }
}

/** The packets that are asked for again, without those that the bit masks of the request name. */
export function askedAgain(packet: Buffer): { readonly ssrc: number; readonly sequence: number }[] {
  const asked = [];
  for (const { type, format, part } of parts(packet)) {
    if (type !== RTPFB || format !== GENERIC_NACK) continue;
    for (let item = 12; item + 4 <= part.length; item += 4)
      asked.push({ ssrc: part.readUInt32BE(8), sequence: part.readUInt16BE(item) });
  }
  return asked;
}

/** How many key frames a packet asks for. */
export const keyFramesAsked = (packet: Buffer): number =>
  [...parts(packet)].filter(({ type, format }) => type === PSFB && (format === PLI || format === FIR)).length;

/** A request for one packet of a stream. */
export function nackPacket(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.alloc(16);
  packet[0] = 0x80 | GENERIC_NACK;
  packet[1] = RTPFB;
  packet.writeUInt16BE(3, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(sequence, 12);
  return packet;
}
