/** A text message, with the times of the segments in which its first and its last byte were. */
export interface WebSocketMessage {
  readonly text: string;
  readonly beganAt: number;
  readonly endedAt: number;
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly bytes: number;
}

const TEXT = 1;
const FIRST_CONTROL = 8;
const END_OF_UPGRADE = '\r\n\r\n';

/** One direction of the TCP connection of a WebSocket, from its first byte on: puts segments together and reads messages. */
export class WebSocketStream {
  readonly #heard: (message: WebSocketMessage) => void;
  #next: number | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  /** How many bytes of the buffer came up to each time. */
  #times: { end: number; readonly at: number }[] = [];
  #upgraded = false;

  constructor(heard: (message: WebSocketMessage) => void) {
    this.#heard = heard;
  }

  /** @throws when a segment is missing, or a message comes in fragments */
  segment(sequence: number, payload: Buffer, at: number): void {
    this.#next ??= sequence;
    // Modulo 2^32, signed: what was sent again is positive, what is missing negative.
    const known = (this.#next - sequence) | 0;
    if (known < 0) throw new Error('a TCP segment is missing in the capture');
    if (known >= payload.length) return;
    this.#next = (sequence + payload.length) >>> 0;
    this.#buffer = Buffer.concat([this.#buffer, payload.subarray(known)]);
    this.#times.push({ end: this.#buffer.length, at });
    this.#read();
  }

  #read(): void {
    if (!this.#upgraded) {
      const end = this.#buffer.indexOf(END_OF_UPGRADE);
      if (end < 0) return;
      this.#upgraded = true;
      this.#drop(end + END_OF_UPGRADE.length);
    }
    for (let frame = readFrame(this.#buffer); frame; frame = readFrame(this.#buffer)) {
      const [beganAt, endedAt] = [this.#timeOf(0), this.#timeOf(frame.bytes - 1)];
      this.#drop(frame.bytes);
      if (frame.opcode === TEXT) this.#heard({ text: frame.payload.toString(), beganAt, endedAt });
      else if (frame.opcode < FIRST_CONTROL)
        throw new Error('a WebSocket message is no text, or in fragments');
    }
  }

  #timeOf(byte: number): number {
    return this.#times.find(({ end }) => byte < end)?.at ?? Number.NaN;
  }

  #drop(bytes: number): void {
    this.#buffer = this.#buffer.subarray(bytes);
    for (const time of this.#times) time.end -= bytes;
    this.#times = this.#times.filter(({ end }) => end > 0);
  }
}

/** The first frame of a buffer (RFC 6455), unmasked; undefined as long as it is not complete. */
function readFrame(buffer: Buffer): Frame | undefined {
  if (buffer.length < 2) return undefined;
  const [first = 0, second = 0] = buffer;
  const short = second & 0x7f;
  let offset = short === 126 ? 4 : short === 127 ? 10 : 2;
  const isMasked = (second & 0x80) !== 0;
  if (buffer.length < offset + (isMasked ? 4 : 0)) return undefined;
  const length =
    short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
  const mask = isMasked ? buffer.subarray(offset, offset + 4) : undefined;
  if (mask) offset += 4;
  if (buffer.length < offset + length) return undefined;
  const payload = Buffer.from(buffer.subarray(offset, offset + length));
  if (mask) for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
  const isFinal = (first & 0x80) !== 0;
  return { opcode: isFinal ? first & 0x0f : 0, payload, bytes: offset + length };
}
