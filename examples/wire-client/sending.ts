import datachannel, { type Track } from 'node-datachannel';
import type { Kind, RtpParameters, Slot, Transport } from './messages.ts';
import { Peer } from './peer.ts';
import { RtpStream } from './rtp.ts';
import { localDtlsParameters, type Section, serverDescription } from './sdp.ts';
import type { Frame } from './test-signal.ts';
import { Turns } from './turns.ts';
import type { Wire } from './wire.ts';

/** Late frames that are sent at once; what is later still is left out. */
const mostLate = 5;

const codecs = {
  audio: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 },
  video: { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 },
} as const;

interface Published {
  readonly trackId: string;
  readonly stream: RtpStream;
  readonly track: Track;
  readonly timer: NodeJS.Timeout;
  packets: number;
}

/** The sending half of a member: one peer connection on one transport, one track per slot. */
export class Sending {
  readonly #wire: Wire;
  readonly #transport: Transport;
  readonly #peer = new Peer('sending');
  readonly #sections: Section[] = [];
  readonly #published = new Map<Slot, Published>();
  readonly #turns = new Turns();
  #nextMid = 0;
  #connected = false;

  constructor(wire: Wire, transport: Transport) {
    this.#wire = wire;
    this.#transport = transport;
  }

  /** What was sent so far, by SSRC. */
  packets(slot: Slot): { readonly ssrc: number; readonly packets: number } | undefined {
    const published = this.#published.get(slot);
    return published && { ssrc: published.stream.ssrc, packets: published.packets };
  }

  /**
   * Publishes a frame that repeats as a slot. The client chooses mid, payload type and SSRC by itself, so the server
   * is asked first, and the peer connection changes only when it agreed.
   *
   * @throws {WireError} of the refusal, like `sendAudioDenied`
   */
  async publish(slot: Slot, kind: Kind, frame: Frame): Promise<void> {
    const codec = codecs[kind];
    const { payloadType } = codec;
    const stream = new RtpStream(payloadType, codec.clockRate);
    const { ssrc } = stream;
    const mid = String(this.#nextMid++);
    const { transportId } = this.#transport;
    const rtpParameters: RtpParameters = { mid, codecs: [codec], encodings: [{ ssrc }] };
    const { trackId } = await this.#wire.request('publish', { transportId, slot, rtpParameters });
    const track = await this.#turns.run(async () => {
      const media = mediaDescription(mid, kind, payloadType, ssrc);
      const added = this.#peer.keep(this.#peer.connection.addTrack(media));
      this.#sections.push({ mid, kind, direction: 'recvonly', rtp: rtpParameters });
      await this.#exchange();
      return added;
    });
    this.#published.set(slot, send(trackId, stream, track, frame));
  }

  /** Stops sending a slot, and tells the server. Its section stays, so that the others keep their places. */
  async unpublish(slot: Slot): Promise<void> {
    const published = this.#published.get(slot);
    if (!published) return;
    clearInterval(published.timer);
    this.#published.delete(slot);
    await this.#wire.request('unpublish', { trackId: published.trackId });
  }

  close(): void {
    for (const { timer } of this.#published.values()) clearInterval(timer);
    this.#peer.close();
  }

  /** The client offers, and answers itself in the name of the server. */
  async #exchange(): Promise<void> {
    const offer = this.#peer.describe('offer');
    if (!this.#connected) {
      this.#connected = true;
      const { transportId } = this.#transport;
      const dtlsParameters = localDtlsParameters(offer);
      await this.#wire.request('connectTransport', { transportId, dtlsParameters });
    }
    const answer = serverDescription(this.#transport, 'passive', this.#sections);
    this.#peer.connection.setRemoteDescription(answer, 'answer');
  }
}

function send(trackId: string, stream: RtpStream, track: Track, { payloads, durationMs }: Frame): Published {
  const startedAt = performance.now();
  let frames = 0;
  const tick = () => {
    const due = Math.floor((performance.now() - startedAt) / durationMs);
    frames = Math.max(frames, due - mostLate);
    for (; frames < due; frames++) {
      if (!track.isOpen()) continue;
      for (const packet of stream.packets(payloads, frames * durationMs)) {
        if (track.sendMessageBinary(packet)) published.packets++;
      }
    }
  };
  const timer = setInterval(tick, durationMs);
  const published: Published = { trackId, stream, track, timer, packets: 0 };
  return published;
}

function mediaDescription(mid: string, kind: Kind, payloadType: number, ssrc: number) {
  const media =
    kind === 'audio' ? new datachannel.Audio(mid, 'SendOnly') : new datachannel.Video(mid, 'SendOnly');
  if (media instanceof datachannel.Audio) media.addOpusCodec(payloadType);
  else media.addVP8Codec(payloadType);
  media.addSSRC(ssrc, 'wire-client');
  return media;
}
