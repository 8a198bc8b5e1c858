const SR = 200;
/** From the beginning of NTP's time, in 1900. */
const SECONDS_TO_1970 = 2_208_988_800;

/** Feedback about transport and about payloads, with the formats in use (RFC 4585, RFC 5104). */
const RTPFB = 205;
const GENERIC_NACK = 1;
const TRANSPORT_CC = 15;
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

/** What a sender says of one of its streams (RFC 3550): the moment, in Unix ms, of an RTP timestamp, and what it has sent. */
export function senderReport(
  ssrc: number,
  { ms, timestamp, packets, bytes }: Record<'ms' | 'timestamp' | 'packets' | 'bytes', number>,
): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = SR;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt32BE(Math.floor(ms / 1000) + SECONDS_TO_1970, 8);
  packet.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), 12);
  packet.writeUInt32BE(timestamp >>> 0, 16);
  packet.writeUInt32BE(packets, 20);
  packet.writeUInt32BE(bytes, 24);
  return packet;
}

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

/** A packet that has arrived, by its number in the whole transport, at a moment in ms. */
export interface Arrival {
  readonly number: number;
  readonly ms: number;
}

/** Deltas of time are in ticks of a quarter of a millisecond, the time that they begin from in steps of 64 ms. */
const TICK_MS = 0.25;
const STEP_MS = 64;
/** So many packets are told of in one piece of two bytes. */
const PER_CHUNK = 7;

/**
 * A report of how packets have arrived (transport-cc, draft-holmer-rmcat-transport-wide-cc-extensions-01), the `count`-th. Numbers only
 * grow; what is missing between `from` and the last was lost.
 */
export function arrivalReport(arrivals: readonly Arrival[], from: number, count: number): Buffer {
  const statuses: number[] = [];
  const deltas: number[] = [];
  const step = Math.floor((arrivals[0]?.ms ?? 0) / STEP_MS);
  let before = step * STEP_MS;
  for (const { number, ms } of arrivals) {
    while (statuses.length < number - from) statuses.push(0);
    const ticks = Math.round((ms - before) / TICK_MS);
    before += ticks * TICK_MS;
    const isSmall = ticks >= 0 && ticks <= 0xff;
    statuses.push(isSmall ? 1 : 2);
    if (isSmall) deltas.push(ticks);
    else deltas.push((ticks >> 8) & 0xff, ticks & 0xff);
  }
  const chunks = Math.ceil(statuses.length / PER_CHUNK);
  const words = Math.ceil((20 + 2 * chunks + deltas.length) / 4);
  const packet = Buffer.alloc(4 * words);
  packet[0] = 0x80 | TRANSPORT_CC;
  packet[1] = RTPFB;
  packet.writeUInt16BE(words - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt16BE(from & 0xffff, 12);
  packet.writeUInt16BE(statuses.length, 14);
  packet.writeUIntBE(step & 0xff_ff_ff, 16, 3);
  packet[19] = count & 0xff;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const symbols = statuses.slice(chunk * PER_CHUNK, (chunk + 1) * PER_CHUNK);
    const bits = symbols.reduce(
      (all, symbol, index) => all | (symbol << (2 * (PER_CHUNK - 1 - index))),
      0xc000,
    );
    packet.writeUInt16BE(bits, 20 + 2 * chunk);
  }
  packet.set(deltas, 20 + 2 * chunks);
  return packet;
}
