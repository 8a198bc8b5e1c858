import type { ConsumerOffer, MediaKind, NoticeParams } from '@roomkey/protocol';
import { RtpPeer, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import { connected } from '../connected.ts';
import type { SignedEntry } from '../signed-entry.ts';
import { Wire } from '../wire.ts';
import { type MeasuredSlot, rtpPacket } from './stream.ts';

let ssrcs = 1000;

/** One member with a WebSocket and, once they are opened, real transports. */
export class Member {
  readonly userId: string;
  readonly wire: Wire;
  /** Hears of every consumer that is announced. */
  onConsumer: (offer: NoticeParams<'consumerOpened'>) => void = () => {};
  /** What was published last. */
  trackId = '';
  readonly #streams: Readonly<Record<MeasuredSlot, readonly SentStream[]>>;
  /** How many streams of each slot have been used up. */
  readonly #used: Record<MeasuredSlot, number> = { microphone: 0, camera: 0, screen: 0 };
  #sequence = 0;
  #transportId = '';
  #sender: RtpPeer | undefined;
  #receiver: RtpPeer | undefined;

  private constructor(userId: string, wire: Wire, streams: number) {
    this.userId = userId;
    this.wire = wire;
    const all = (kind: MediaKind, payloadType: number) =>
      Array.from({ length: streams }, () => ({ mid: String(++ssrcs), kind, ssrc: ssrcs, payloadType }));
    this.#streams = { microphone: all('audio', 111), camera: all('video', 96), screen: all('video', 96) };
    wire.on('consumerOpened', (offer) => this.onConsumer(offer));
  }

  /** Enters, and will receive everything; it can send so many streams of each slot, one after the other. */
  static async enter(
    url: string,
    entry: SignedEntry,
    { streams, localPort }: { readonly streams: number; readonly localPort: number | undefined },
  ): Promise<Member> {
    const { wire, welcome } = await Wire.connect(url, localPort);
    const { rtpCapabilities } = welcome;
    await wire.request('enter', { ...entry, rtpCapabilities, autoReceive: { audio: true, video: true } });
    return new Member(entry.userId, wire, streams);
  }

  /** The stream of a slot that is sent now. */
  stream(slot: MeasuredSlot): SentStream {
    const stream = this.#streams[slot][this.#used[slot]];
    if (!stream) throw new Error(`there are no more streams for ${slot}`);
    return stream;
  }

  /**
   * The next stream of the slot is used from now on. The engine forgets how often the numbers of a stream began anew
   * when packets come for which there is no track, and can then decrypt it no more: none is sent so long.
   */
  nextStream(slot: MeasuredSlot): void {
    this.#used[slot]++;
    this.#sequence = 0;
  }

  /** The UDP port that it receives on. */
  get receivingPort(): number {
    if (!this.#receiver) throw new Error(`${this.userId} does not receive yet`);
    return this.#receiver.localPort;
  }

  /** Packets sent of the stream that is sent now. */
  get sent(): number {
    return this.#sequence;
  }

  async openSending(): Promise<void> {
    const offer = await this.wire.request('openTransport', { direction: 'send' });
    this.#transportId = offer.transportId;
    this.#sender = RtpPeer.sender(offer, Object.values(this.#streams).flat());
    await this.#connect(offer.transportId, this.#sender);
  }

  /** Opens a transport on which so many consumers are announced at once, and makes them ready. */
  async openReceiving(consumers: number): Promise<void> {
    const announced = new Promise<ConsumerOffer[]>((resolve) => {
      const offers: ConsumerOffer[] = [];
      this.onConsumer = (offer) => {
        if (offers.push(offer) === consumers) resolve(offers);
      };
    });
    const offer = await this.wire.request('openTransport', { direction: 'recv' });
    const offers = await announced;
    this.#receiver = RtpPeer.receiver(offer, offers);
    await this.#connect(offer.transportId, this.#receiver);
    for (const { consumerId } of offers) await this.wire.request('consumerReady', { consumerId });
  }

  async publish(slot: MeasuredSlot): Promise<string> {
    const rtpParameters = sentParameters(this.stream(slot));
    const transportId = this.#transportId;
    this.trackId = (await this.wire.request('publish', { transportId, slot, rtpParameters })).trackId;
    return this.trackId;
  }

  async unpublish(trackId: string): Promise<void> {
    await this.wire.request('unpublish', { trackId });
  }

  /** Puts a packet on the wire, whether anybody wants it or not. */
  send(slot: MeasuredSlot): void {
    const stream = this.stream(slot);
    this.#sender?.sendPacket(stream, rtpPacket(stream, ++this.#sequence));
  }

  async #connect(transportId: string, peer: RtpPeer): Promise<void> {
    await this.wire.request('connectTransport', { transportId, dtlsParameters: peer.dtlsParameters });
    await connected(peer);
  }
}
