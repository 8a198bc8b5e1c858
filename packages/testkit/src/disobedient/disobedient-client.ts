import { setTimeout as sleep } from 'node:timers/promises';
import type { Notice, NoticeParams, Params, Result, RtpParameters, TransportOffer } from '@roomkey/protocol';
import { type Slot, slots } from '@roomkey/tickets/permissions';
import { UdpLink } from '../udp-link.ts';
import { Arrivals } from './arrivals.ts';
import { type Header, kindOf, markedPacket, type StreamName, streamNames } from './mark.ts';
import { MediaLine } from './media-line.ts';
import type { Pump, Pumped } from './pump.ts';
import { WireRefusal, WireSocket } from './wire-socket.ts';

/** How a disobedient client comes in. */
export interface Coming {
  /** `ws://HOST:PORT/rtc`. */
  readonly url: string;
  readonly entry: Params<'enter'> | Partial<Params<'enter'>>;
  readonly pump: Pump;
  /** Media goes through a relay that counts it and keeps from the client that its transports were closed. */
  readonly relayed?: boolean | undefined;
  /** It confirms the consumers that are opened for it. Default true. */
  readonly confirms?: boolean | undefined;
}

/** One stream that is being sent. */
export interface Sent extends Header {
  readonly mid: string;
  /** Packets put on the wire so far; the number of the last one. */
  packets: number;
}

type Transports = Readonly<Record<'send' | 'recv', TransportOffer>>;

/** How many beats of the pump pass between two packets of a stream while nobody measures. */
const REST_BEATS = 5;

/** Longest that ICE and DTLS may take. */
const OPENING_MS = 10_000;
/** Longest that a loss, and then a worker, may be waited for. */
const RETURN_MS = 20_000;

let clients = 0;

/**
 * A member that obeys nobody, written against docs/protocol.md: from its entry on it sends on the streams of all four
 * slots for ever, whatever it may; it asks to publish and to receive everything, and does not stop when it is told to.
 */
export class DisobedientClient implements Pumped {
  /** Stands in its packets; no two clients of a process share one. */
  readonly who = ++clients;
  readonly userId: string;
  readonly arrivals = new Arrivals();
  readonly streams: Readonly<Record<StreamName, Sent>>;
  readonly memberId: string;
  /** What it believes to be its tracks. */
  readonly trackIds = new Map<Slot, string>();
  /** Every consumer it was ever told of. */
  readonly consumerIds: string[] = [];
  /** Hears every notice. */
  onNotice: (notice: Notice) => void = () => {};
  /** While it is measured it sends a packet of every stream with each beat, else now and then. */
  awake = false;
  wire: WireSocket;
  #secret: string;
  readonly #link: UdpLink | undefined;
  #transports: Transports;
  #out: MediaLine;
  #in: MediaLine;
  /** It was told that its media is lost, and has not come back. */
  #lost = false;
  readonly #pump: Pump;
  readonly #confirms: boolean;

  private constructor(
    wire: WireSocket,
    entered: Result<'enter'>,
    transports: Transports,
    { entry, pump, confirms = true }: Coming,
    link: UdpLink | undefined,
  ) {
    this.wire = wire;
    this.userId = entry.userId ?? '';
    this.memberId = entered.memberId;
    this.#secret = entered.resume.secret;
    this.#pump = pump;
    this.#confirms = confirms;
    this.#link = link;
    this.streams = Object.fromEntries(
      streamNames.map((name, index) => [name, newStream(this.who, name, index)]),
    ) as Record<StreamName, Sent>;
    this.#transports = transports;
    const { send, recv } = transports;
    this.#out = MediaLine.sender(link?.through(send) ?? send);
    this.#in = this.#receiver(link?.through(recv) ?? recv);
  }

  /** Enters, and opens and connects both transports. @throws {WireRefusal} */
  static async enter(coming: Coming): Promise<DisobedientClient> {
    const wire = await WireSocket.open(coming.url);
    const notices: Notice[] = [];
    wire.onNotice = (notice) => notices.push(notice);
    try {
      const rtpCapabilities = plainCapabilities((await wire.welcome).rtpCapabilities);
      const autoReceive = { audio: true, video: true };
      const asked = wire.ask('enter', { ...coming.entry, rtpCapabilities, autoReceive });
      const opened = [
        wire.ask('openTransport', { direction: 'send' }),
        wire.ask('openTransport', { direction: 'recv' }),
      ] as const;
      // Behind a refused entry these are refused too.
      for (const one of opened) one.catch(() => {});
      const entered = await asked;
      const [send, recv] = await Promise.all(opened);
      const link = coming.relayed ? await UdpLink.open(send, { deaf: true }) : undefined;
      const client = new DisobedientClient(wire, entered, { send, recv }, coming, link);
      client.#attach(wire);
      for (const notice of notices) client.#told(notice);
      await client.#connect();
      coming.pump.add(client);
      return client;
    } catch (error) {
      wire.break();
      throw error;
    }
  }

  /** The transports that it uses now. */
  get transportIds(): Readonly<Record<'send' | 'recv', string>> {
    const { send, recv } = this.#transports;
    return { send: send.transportId, recv: recv.transportId };
  }

  get sentInAll(): number {
    return Object.values(this.streams).reduce((sum, { packets }) => sum + packets, 0);
  }

  get arrivedInAll(): number {
    return this.arrivals.counted;
  }

  /** Packets of this client that its relay has passed on to the server. */
  get relayed(): number {
    return this.#link?.passed ?? 0;
  }

  /** Asks to publish every slot and to receive everything of some users. Refusals are what it lives with. */
  async insist(userIds: readonly string[]): Promise<void> {
    const { send: transportId } = this.transportIds;
    const asked: Promise<unknown>[] = slots.map(async (slot) => {
      const rtpParameters = this.parametersOf(slot);
      const { trackId } = await this.wire.ask('publish', { transportId, slot, rtpParameters });
      this.trackIds.set(slot, trackId);
    });
    for (const userId of userIds)
      for (const slot of slots) asked.push(this.wire.ask('subscribe', { userId, slot }));
    await Promise.all(asked.map(refusable));
  }

  /** What it says of a stream. */
  parametersOf(name: StreamName): RtpParameters {
    const { mid, ssrc, payloadType } = this.streams[name];
    const codec =
      kindOf(name) === 'audio'
        ? { mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 }
        : { mimeType: 'video/VP8', payloadType, clockRate: 90_000 };
    return { mid, codecs: [codec], encodings: [{ ssrc }], rtcp: { cname: 'line' } };
  }

  /** Puts a packet of its own making on the wire. */
  send(packet: Buffer): boolean {
    return this.#out.send(packet);
  }

  /** The connection breaks. */
  breakConnection(): void {
    this.wire.break();
  }

  /** Takes its seat up again over a new connection. @throws {WireRefusal} */
  async resume({ url, entry }: Pick<Coming, 'url' | 'entry'>): Promise<Result<'resume'>> {
    const wire = await WireSocket.open(url);
    const { sdkAppId, roomId } = entry;
    const { memberId } = this;
    const asked = { sdkAppId, roomId, memberId, secret: this.#secret } as Params<'resume'>;
    this.#attach(wire);
    const resumed = await wire.ask('resume', asked);
    this.#secret = resumed.resume.secret;
    void refusable(wire.ask('confirmResume', { secret: this.#secret }));
    for (const consumer of resumed.consumers) this.#consumerOpened(consumer);
    return resumed;
  }

  /**
   * Waits until it is told that its media is lost, opens both transports anew, and asks for its tracks back. What it
   * sends goes on with its numbers. Not for one behind a relay.
   *
   * @throws when that takes too long
   */
  async comeBack(): Promise<void> {
    const giveUp = performance.now() + RETURN_MS;
    while (!this.#lost) {
      if (performance.now() > giveUp) throw new Error('nobody said that media is lost');
      await this.#pump.next();
    }
    this.#lost = false;
    this.#out.close();
    this.#in.close();
    this.#transports = {
      send: await this.#openAgain('send', giveUp),
      recv: await this.#openAgain('recv', giveUp),
    };
    this.#out = MediaLine.sender(this.#transports.send);
    this.#in = this.#receiver(this.#transports.recv);
    await this.#connect();
    const { send: transportId } = this.transportIds;
    const back = [...this.trackIds].map(([slot, trackId]) =>
      this.wire.ask('publish', { transportId, slot, trackId, rtpParameters: this.parametersOf(slot) }),
    );
    await Promise.all(back.map(refusable));
  }

  beat(number: number): void {
    if (!this.awake && (number + this.who) % REST_BEATS !== 0) return;
    for (const name of streamNames) {
      const stream = this.streams[name];
      const mark = { who: this.who, stream: name, number: stream.packets + 1 };
      if (this.#out.send(markedPacket(stream, mark))) stream.packets++;
    }
  }

  /** Sends no more, and goes without a word. */
  close(): void {
    this.#pump.remove(this);
    this.wire.break();
    this.#out.close();
    this.#in.close();
    this.#link?.close();
  }

  #attach(wire: WireSocket): void {
    this.wire = wire;
    wire.onNotice = (notice) => this.#told(notice);
  }

  #receiver(offer: TransportOffer): MediaLine {
    const line = MediaLine.receiver(offer);
    line.onPacket = (packet) => this.arrivals.take(packet);
    return line;
  }

  /** As often as it takes: there may be no worker yet. */
  async #openAgain(direction: 'send' | 'recv', giveUp: number): Promise<TransportOffer> {
    for (;;) {
      try {
        return await this.wire.ask('openTransport', { direction });
      } catch (error) {
        if (!(error instanceof WireRefusal) || performance.now() > giveUp) throw error;
        await sleep(50);
      }
    }
  }

  async #connect(): Promise<void> {
    const { send, recv } = this.transportIds;
    await Promise.all([
      this.wire.ask('connectTransport', { transportId: send, dtlsParameters: this.#out.dtlsParameters }),
      this.wire.ask('connectTransport', { transportId: recv, dtlsParameters: this.#in.dtlsParameters }),
    ]);
    const giveUp = performance.now() + OPENING_MS;
    while (!this.#out.open || !this.#in.open) {
      if (performance.now() > giveUp) throw new Error('the media lines did not open');
      await this.#pump.next();
    }
  }

  #told(notice: Notice): void {
    if (notice.method === 'consumerOpened') this.#consumerOpened(notice.params);
    if (notice.method === 'mediaLost') this.#lost = true;
    this.onNotice(notice);
  }

  #consumerOpened({ consumerId, userId, slot, rtpParameters }: NoticeParams<'consumerOpened'>): void {
    const ssrc = rtpParameters.encodings[0]?.ssrc;
    if (ssrc !== undefined) this.arrivals.announce(userId, slot, ssrc);
    this.consumerIds.push(consumerId);
    if (this.#confirms) void refusable(this.wire.ask('consumerReady', { consumerId }));
  }
}

/** A refusal, and nothing else, is no failure. */
async function refusable(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof WireRefusal)) throw error;
  }
}

/** What it can receive: the two codecs that it sends, without retransmissions and header extensions. */
function plainCapabilities({ codecs }: NoticeParams<'welcome'>['rtpCapabilities']) {
  const plain = codecs.filter(({ mimeType }) => ['audio/opus', 'video/VP8'].includes(mimeType));
  return { codecs: plain.map((codec) => ({ ...codec, rtcpFeedback: [] })), headerExtensions: [] };
}

const newStream = (who: number, name: StreamName, index: number): Sent => ({
  mid: name,
  ssrc: 0x10_00_00_00 + who * 16 + index,
  payloadType: kindOf(name) === 'audio' ? 111 : 96,
  packets: 0,
});
