import type { Notices, Slot, Transport } from './messages.ts';
import { Peer } from './peer.ts';
import { ssrcOf } from './rtp.ts';
import { localDtlsParameters, type Section, serverDescription } from './sdp.ts';
import { Turns } from './turns.ts';
import type { Wire } from './wire.ts';

/** One track that is received. */
export interface Received {
  readonly userId: string;
  readonly slot: Slot;
  /** The negotiated SSRC of the media; retransmissions have another. */
  readonly ssrc: number;
}

/** The receiving half of a member: one peer connection on one transport, which everything comes in on. */
export class Receiving {
  readonly #wire: Wire;
  readonly #transport: Transport;
  readonly #peer = new Peer('receiving');
  readonly #sections = new Map<string, Section>();
  readonly #consumers = new Map<string, Received>();
  readonly #packets = new Map<number, number>();
  readonly #turns = new Turns();
  #connected = false;
  #over = false;

  constructor(wire: Wire, transport: Transport) {
    this.#wire = wire;
    this.#transport = transport;
    this.#peer.connection.onTrack((track) => {
      this.#peer.keep(track).onMessage((packet) => this.#count(packet));
    });
  }

  /** What is received now. */
  get consumers(): readonly Received[] {
    return [...this.#consumers.values()];
  }

  /** Every SSRC that RTP came with. */
  get ssrcs(): readonly number[] {
    return [...this.#packets.keys()];
  }

  /** RTP packets received so far with an SSRC. */
  packets(ssrc: number): number {
    return this.#packets.get(ssrc) ?? 0;
  }

  /** The server opened a consumer: it gets a section of its own, and then may flow. */
  opened({ consumerId, userId, slot, kind, rtpParameters }: Notices['consumerOpened']): Promise<void> {
    const ssrc = rtpParameters.encodings[0]?.ssrc;
    const { mid } = rtpParameters;
    if (mid === undefined || ssrc === undefined) throw new Error('The consumer has no mid or no SSRC.');
    return this.#turns.run(async () => {
      if (this.#over) return;
      this.#sections.set(consumerId, { mid, kind, direction: 'sendonly', rtp: rtpParameters });
      await this.#exchange();
      this.#consumers.set(consumerId, { userId, slot, ssrc });
      await this.#wire.request('consumerReady', { consumerId });
    });
  }

  /** The server closed a consumer: its section stays, inactive, so that the others keep their places. */
  closed(consumerId: string): Promise<void> {
    return this.#turns.run(async () => {
      const section = this.#sections.get(consumerId);
      this.#consumers.delete(consumerId);
      if (!section || this.#over) return;
      this.#sections.set(consumerId, { ...section, direction: 'inactive' });
      await this.#exchange();
    });
  }

  close(): void {
    this.#over = true;
    this.#peer.close();
  }

  /** The client offers itself, in the name of the server, what the server sends, and answers. */
  async #exchange(): Promise<void> {
    const offer = serverDescription(this.#transport, 'actpass', [...this.#sections.values()]);
    const answer = this.#peer.answer(offer);
    if (this.#connected || answer === undefined) return;
    this.#connected = true;
    const { transportId } = this.#transport;
    await this.#wire.request('connectTransport', {
      transportId,
      dtlsParameters: localDtlsParameters(answer),
    });
  }

  #count(packet: Buffer): void {
    const ssrc = ssrcOf(packet);
    if (ssrc !== undefined) this.#packets.set(ssrc, this.packets(ssrc) + 1);
  }
}
