import { readFileSync } from 'node:fs';

/** One frame of a source, cut into the payloads of RTP packets. */
export interface Frame {
  readonly payloads: readonly Uint8Array[];
  /** Milliseconds until the next one. */
  readonly durationMs: number;
}

/** 20 ms of silence in Opus: one packet that says "full band, 20 ms, one frame" and nothing audible in it. */
export const silence: Frame = { payloads: [Uint8Array.of(0xf8, 0xff, 0xfe)], durationMs: 20 };

/** Bytes of VP8 per packet: with all headers it stays below the smallest usual MTU. */
const largestPayload = 1100;

/**
 * A still picture as VP8. A lossy WebP file is one VP8 key frame behind a header of 20 bytes; sent again and again,
 * every frame is a key frame, and receivers need never ask for one.
 */
export function stillPicture(): Frame {
  const webp = readFileSync(new URL('picture.webp', import.meta.url));
  const frame = webp.subarray(20, 20 + webp.readUInt32LE(16));
  const payloads: Uint8Array[] = [];
  for (let start = 0; start < frame.length; start += largestPayload) {
    // The VP8 payload descriptor (RFC 7741): the first packet of a frame has the S bit.
    const descriptor = start === 0 ? 0x10 : 0;
    payloads.push(Buffer.concat([Uint8Array.of(descriptor), frame.subarray(start, start + largestPayload)]));
  }
  return { payloads, durationMs: 50 };
}
