import { Buffer } from 'node:buffer';

/** RFC 1950: deflate, the fastest level. */
const header = 0x7801;

/** RFC 1951: the last block, stored. */
const lastStored = 1;

const headBytes = 7;
const checksumBytes = 4;

/** A zlib stream of one stored block with the UTF-8 of `text`, which must be shorter than 64 KiB. */
export function storedStream(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const stream = Buffer.allocUnsafe(headBytes + length + checksumBytes);
  stream.writeUInt16BE(header, 0);
  stream[2] = lastStored;
  stream.writeUInt16LE(length, 3);
  stream.writeUInt16LE(length ^ 0xffff, 5);
  stream.write(text, headBytes);
  stream.writeUInt32BE(adler32(stream.subarray(headBytes, headBytes + length)), headBytes + length);
  return stream;
}

/**
 * The content of a stream that {@link storedStream} made; `undefined` for any other stream, good or bad.
 * This spares zlib, whose set-up costs more than all other checks of a ticket together.
 */
export function readStoredStream(stream: Buffer): Buffer | undefined {
  const length = stream.length - headBytes - checksumBytes;
  if (length < 0 || length > 0xffff || stream.readUInt16BE(0) !== header || stream[2] !== lastStored)
    return undefined;
  if (stream.readUInt16LE(3) !== length || stream.readUInt16LE(5) !== (length ^ 0xffff)) return undefined;
  const content = stream.subarray(headBytes, headBytes + length);
  return stream.readUInt32BE(headBytes + length) === adler32(content) ? content : undefined;
}

/**
 * True for a stream that begins with a stored block and has bits set in its head that inflating ignores.
 * No library sets them; refusing such an alias makes every bit of an issued ticket count.
 */
export function hasLooseBits(stream: Buffer): boolean {
  const head = stream[2] ?? 0;
  const isStored = (head & 0b110) === 0;
  return isStored && head > lastStored;
}

/** RFC 1950. Below 64 KiB the sums stay exact without a reduction in each step. */
function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; i++) {
    a += bytes[i] as number;
    b += a;
  }
  return (b % 65521) * 65536 + (a % 65521);
}
