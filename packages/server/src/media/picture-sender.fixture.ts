import { keyFramesAsked, type RtpPeer, type SentStream, senderReport } from '@roomkey/testkit/rtp';
import { onTestFinished } from 'vitest';

/** How a sender of pictures behaves. */
export interface Behaviour {
  /** The temporal layers that frames bear, by turns; a key frame is always of the lowest. Default 0, 2, 1, 2. */
  readonly layers?: readonly number[];
  /** It makes a key frame when it is asked. Default true. */
  readonly obeys?: boolean;
  /** RTP payload bytes per frame, of each encoding or of one after the other. Default 500. */
  readonly frameBytes?: number | readonly number[];
  /** Milliseconds between frames. Default 33. */
  readonly frameMs?: number;
}

/** Browsers ignore what they are asked within this time of the request before. */
const DEAF_MS = 300;

/** Sends VP8 in one encoding or several, as a browser does: a key frame at first, later when it is asked and not too often. */
export class PictureSender {
  /** Key frames that were sent, of all encodings together. */
  keyFrames = 0;
  /** Requests for key frames that came, when they did. */
  readonly asked: number[] = [];
  /** Encodings that are not sent. */
  readonly stopped = new Set<number>();
  readonly #peer: RtpPeer;
  readonly #streams: readonly SentStream[];
  #behaviour: Required<Behaviour>;
  #needsKey = true;
  #heardAt = Number.NEGATIVE_INFINITY;
  #frame = 0;
  readonly #sequences = new Map<number, number>();

  constructor(peer: RtpPeer, streams: readonly SentStream[], behaviour: Behaviour = {}) {
    this.#peer = peer;
    this.#streams = streams;
    this.#behaviour = { layers: [0, 2, 1, 2], obeys: true, frameBytes: 500, frameMs: 33, ...behaviour };
    peer.onRtcp = (packet) => this.#hear(packet);
    const started = performance.now();
    const timer = setInterval(() => {
      const due = (performance.now() - started) / this.#behaviour.frameMs;
      while (this.#frame < due) this.#send();
    }, 10);
    const reports = setInterval(() => this.#report(), 500);
    onTestFinished(() => {
      clearInterval(timer);
      clearInterval(reports);
    });
  }

  /** Goes on with another behaviour. The time between frames stays. */
  become(behaviour: Omit<Behaviour, 'frameMs'>): void {
    this.#behaviour = { ...this.#behaviour, ...behaviour };
  }

  /** Makes a key frame without being asked, as when the size changes. */
  beginAnew(): void {
    this.#needsKey = true;
  }

  #hear(packet: Buffer): void {
    if (keyFramesAsked(packet) === 0) return;
    const now = performance.now();
    this.asked.push(now);
    if (!this.#behaviour.obeys || now - this.#heardAt < DEAF_MS) return;
    this.#heardAt = now;
    this.#needsKey = true;
  }

  #send(): void {
    const isKey = this.#needsKey;
    this.#needsKey = false;
    const { layers, frameBytes } = this.#behaviour;
    const layer = isKey ? 0 : (layers[this.#frame % layers.length] ?? 0);
    for (const [index, stream] of this.#streams.entries()) {
      if (this.stopped.has(stream.ssrc)) continue;
      if (isKey) this.keyFrames++;
      const bytes = typeof frameBytes === 'number' ? frameBytes : (frameBytes[index] ?? 0);
      this.#peer.sendPacket(stream, this.#packet(stream, isKey, layer, bytes));
    }
    this.#frame++;
  }

  /** Without it the engine does not know which frames of two encodings are the same picture. */
  #report(): void {
    const [ms, timestamp] = [Date.now(), this.#frame * 3000];
    for (const { ssrc } of this.#streams) {
      const packets = this.#sequences.get(ssrc) ?? 0;
      if (packets > 0 && !this.stopped.has(ssrc))
        this.#peer.sendPacket({ ssrc }, senderReport(ssrc, { ms, timestamp, packets, bytes: 500 * packets }));
    }
  }

  /** One frame in one packet: its VP8 payload descriptor (RFC 7741), and a first byte that says whether it is a key frame. */
  #packet({ ssrc, payloadType }: SentStream, isKey: boolean, layer: number, bytes: number): Buffer {
    const packet = Buffer.alloc(12 + 6 + bytes);
    packet[0] = 0x80;
    packet[1] = 0x80 | payloadType;
    const sequence = (this.#sequences.get(ssrc) ?? 0) + 1;
    this.#sequences.set(ssrc, sequence);
    packet.writeUInt16BE(sequence % 0x1_0000, 2);
    packet.writeUInt32BE((this.#frame * 3000) >>> 0, 4);
    packet.writeUInt32BE(ssrc, 8);
    packet[12] = 0x90;
    packet[13] = 0xe0;
    packet.writeUInt16BE(0x8000 | (this.#frame % 0x8000), 14);
    packet[16] = Math.floor(this.#frame / 4) % 256;
    packet[17] = (layer << 6) | (layer > 0 ? 0x20 : 0);
    packet[18] = isKey ? 0 : 1;
    return packet;
  }
}

/** Whether a packet that such a sender has sent, and a server forwarded, begins a key frame. */
export function isKeyFrame(packet: Buffer): boolean {
  const [head = 0] = packet;
  let at = 12 + 4 * (head & 0x0f);
  if (head & 0x10) at += 4 + 4 * packet.readUInt16BE(at + 2);
  return ((packet[at + 6] ?? 1) & 1) === 0;
}
