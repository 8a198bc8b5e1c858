import type { MediaKind } from '@roomkey/protocol';
import type { Slot } from '@roomkey/tickets/permissions';

/** The slots that have a bit of their own. */
export const measuredSlots = ['microphone', 'camera', 'screen'] as const satisfies readonly Slot[];
export type MeasuredSlot = (typeof measuredSlots)[number];

/** Packets per second, one at a time: the shorter the gaps, the exacter is the time of the last packet. */
export const packetsPerSecond = 500;
/** Small, so that a stream stays below the bitrate of an audio slot. */
const packetBytes = 80;

/** Sends single packets of a stream at an even pace until it is stopped. */
export class Pacer {
  readonly #timer: NodeJS.Timeout;

  constructor(perSecond: number, send: () => void) {
    const started = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      for (; sent < ((performance.now() - started) * perSecond) / 1000; sent++) send();
    }, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** An RTP packet; of video each is a key frame of VP8 by itself, so that forwarding can begin with every one. */
export function rtpPacket(
  stream: { readonly kind: MediaKind; readonly ssrc: number; readonly payloadType: number },
  sequence: number,
): Buffer {
  const packet = Buffer.alloc(packetBytes);
  packet[0] = 0x80;
  packet[1] = 0x80 | stream.payloadType;
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 180) >>> 0, 4);
  packet.writeUInt32BE(stream.ssrc, 8);
  if (stream.kind === 'video') packet[12] = 0x10;
  return packet;
}
