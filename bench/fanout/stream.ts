import type { SentStream } from '@roomkey/testkit/rtp';
import { audio, transportCcId, video } from '../published.ts';

const videoFrameMs = 40;
const packetsPerFrame = 5;
const videoPacketBytes = 1100;
const framesPerKeyFrame = 25;
const audioFrameMs = 20;
const audioPacketBytes = 100;

/**
 * What one member sends in every measurement: Opus with 50 packets of 100 bytes per second, VP8 with 25 frames per second,
 * each a burst of 5 packets of 1100 bytes, a key frame every second. All sizes are those of whole RTP packets.
 */
export class Stream {
  readonly #send: (stream: SentStream, packet: Buffer) => boolean;
  readonly #numbered: boolean;
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #sequence = new Map<SentStream, number>();
  #audioFrames = 0;
  #videoFrames = 0;
  #packets = 0;

  /** Starts sending; `numbered` packets have the header extension of transport-cc. */
  constructor(numbered: boolean, send: (stream: SentStream, packet: Buffer) => boolean) {
    this.#numbered = numbered;
    this.#send = send;
    this.#timer = setInterval(() => this.#tick(), audioFrameMs / 2);
  }

  /** Packets sent so far. */
  get packets(): number {
    return this.#packets;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const elapsed = performance.now() - this.#started;
    for (; this.#audioFrames * audioFrameMs < elapsed; this.#audioFrames++) {
      this.#packet(audio, audioPacketBytes, this.#audioFrames * 960, true);
    }
    for (; this.#videoFrames * videoFrameMs < elapsed; this.#videoFrames++) {
      const isKeyFrame = this.#videoFrames % framesPerKeyFrame === 0;
      for (let index = 0; index < packetsPerFrame; index++) {
        const isLast = index === packetsPerFrame - 1;
        const payload = vp8(index, isKeyFrame);
        this.#packet(video, videoPacketBytes, this.#videoFrames * 3600, isLast, payload);
      }
    }
  }

  #packet(
    stream: SentStream,
    bytes: number,
    timestamp: number,
    marker: boolean,
    payload: number[] = [],
  ): void {
    const sequence = this.#sequence.get(stream) ?? 0;
    this.#sequence.set(stream, sequence + 1);
    const packet = Buffer.alloc(bytes);
    packet[0] = 0x80 | (this.#numbered ? 0x10 : 0);
    packet[1] = (marker ? 0x80 : 0) | stream.payloadType;
    packet.writeUInt16BE(sequence & 0xffff, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(stream.ssrc, 8);
    let offset = 12;
    if (this.#numbered) {
      // One element in the one-byte form (RFC 8285): four bytes of it after four that announce it.
      packet.writeUInt32BE(0xbede0001, 12);
      packet[16] = (transportCcId << 4) | 1;
      packet.writeUInt16BE(this.#packets & 0xffff, 17);
      offset = 20;
    }
    packet.set(payload, offset);
    if (this.#send(stream, packet)) this.#packets++;
  }
}

/** Payload descriptor and first byte of a VP8 packet (RFC 7741): start of the partition or not, key frame or not. */
const vp8 = (index: number, isKeyFrame: boolean): number[] =>
  index > 0 ? [0x00] : [0x10, isKeyFrame ? 0 : 1];
