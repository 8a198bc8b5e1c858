import {
  type ConsumerOffer,
  type DtlsParameters,
  errors,
  type Result,
  type RtpParameters,
  ServiceError,
} from '@roomkey/protocol';
import type { Device, types } from 'mediasoup-client';
import { RtcError } from '../errors/rtc-error.ts';
import type { Slot } from '../events/events.ts';
import type { Timers } from '../platform/platform.ts';
import type { Request } from '../signal/client.ts';
import { applyEncodings, type Encoding } from './encoding.ts';

type Transport = types.Transport;

/** A local track and how it is to be encoded. */
export interface SendOptions {
  readonly slot: Slot;
  readonly track: MediaStreamTrack;
  readonly muted: boolean;
  /** Lowest first. */
  readonly encodings?: readonly Encoding[];
  readonly codecOptions?: types.ProducerCodecOptions;
  /** `VP8`, `VP9` or `H264`; the server's first choice by default. */
  readonly codec?: string;
  /** The track that was lost with its media worker and comes back. */
  readonly trackId?: string | undefined;
}

/** What is published, and the server's refusal of it. */
type Offer = Pick<SendOptions, 'slot' | 'muted' | 'trackId'> & { refusal?: unknown };

/** A track that is being sent. */
export interface SentTrack {
  readonly trackId: string;
  replaceTrack(track: MediaStreamTrack): Promise<void>;
  /** What each encoding is to be like from now on, lowest first. @throws the browser's refusal; then nothing changed */
  setEncodings(encodings: readonly Encoding[]): Promise<void>;
  close(): void;
}

interface MediaHooks {
  /** No media gets through this transport any more, until its ICE is restarted. */
  onPathLost(direction: Direction): void;
  onPathConnected(direction: Direction): void;
  /** The server refused for good something without which the transport is useless. */
  onBroken(error: unknown): void;
}

/** A consumer, from its offer on. */
interface Receiving {
  opening?: Promise<types.Consumer>;
  /** Once it is open. */
  consumer?: types.Consumer;
}

/** Chromium begins at 300 kbit/s and rises slowly, which for seconds leaves too little for the larger layers of a camera. */
const videoCodecOptions: types.ProducerCodecOptions = { videoGoogleStartBitrate: 1000 };

/** After how long the server is asked again for what it cannot do just now, in milliseconds. */
const RETRY_MS = 1000;

export type Direction = 'send' | 'recv';

/** The transports of one connection. The one place that knows mediasoup-client. */
export class MediaHandler {
  readonly #request: Request;
  readonly #timers: Timers;
  readonly #hooks: MediaHooks;
  readonly #transports = new Map<Direction, Promise<Transport>>();
  /** What the transports that are open have to say of themselves, as far as the server may not have heard it. */
  readonly #opened = new Map<Direction, { readonly transport: Transport; dtlsParameters?: DtlsParameters }>();
  readonly #consumers = new Map<string, Receiving>();
  /** Ends the waiting for the moment at which the server is asked again. */
  readonly #retries = new Map<Direction, () => void>();
  #device: Device | undefined;
  #closed = false;

  constructor(request: Request, timers: Timers, hooks: MediaHooks) {
    this.#request = request;
    this.#timers = timers;
    this.#hooks = hooks;
  }

  /** From now on transports can be opened. */
  start(device: Device): void {
    this.#device = device;
  }

  /** Asks for a transport now, and until there is one, so that it is there when it is needed; does nothing when it was asked for. */
  open(direction: Direction): void {
    this.#transport(direction).catch((error) => {
      if (!this.#closed) this.#refused(direction, error, () => this.open(direction));
    });
  }

  /** Forgets the transports, which the server lost, and everything in them. */
  reset(): void {
    const transports = [...this.#transports.values()];
    this.#transports.clear();
    this.#opened.clear();
    this.#consumers.clear();
    for (const cancel of this.#retries.values()) cancel();
    for (const transport of transports) transport.then((opened) => opened.close()).catch(() => {});
  }

  close(): void {
    this.#closed = true;
    this.reset();
  }

  /**
   * Compares the transports with those that the server has after a time without a connection, and says again what may have
   * been lost on the way. False when one is gone there: then all have to be made anew.
   */
  agreesWith(known: Result<'resume'>['transports']): boolean {
    for (const [direction, { transport, dtlsParameters }] of this.#opened) {
      const there = known.find(({ transportId }) => transportId === transport.id);
      if (!there || transport.closed) return false;
      if (!there.connected && dtlsParameters) this.#sendFingerprint(direction, transport, dtlsParameters);
    }
    return true;
  }

  /** Whether a consumer is set up, or being set up. */
  has(consumerId: string): boolean {
    return this.#consumers.has(consumerId);
  }

  /**
   * Publishes a track.
   *
   * @throws {ServiceError} the server's refusal
   * @throws {RtcError} `aborted` when the transports went meanwhile
   */
  async send(options: SendOptions): Promise<SentTrack> {
    const transport = await this.#transport('send');
    const { slot, track, muted, trackId, encodings } = options;
    let sized: Promise<unknown> | undefined;
    const offer: Offer = { slot, muted, trackId };
    const codec = options.codec === undefined ? undefined : this.#codec(track.kind, options.codec);
    const producing = transport.produce({
      track,
      stopTracks: false,
      disableTrackOnPause: false,
      ...(encodings ? { encodings: [...encodings] } : {}),
      codecOptions: track.kind === 'video' ? videoCodecOptions : (options.codecOptions ?? {}),
      ...(codec ? { codec } : {}),
      // mediasoup-client does not pass on what it does not know: the largest size. A browser that refuses it has the rest.
      onRtpSender: (sender) => {
        if (encodings) sized = applyEncodings(sender, encodings).catch(() => {});
      },
      appData: offer,
    });
    const producer = await producing.catch((error: unknown) => {
      throw transport.closed ? new RtcError('aborted', 'The transport was closed.') : error;
    });
    await sized;
    if (offer.refusal !== undefined) {
      producer.close();
      throw offer.refusal;
    }
    return {
      trackId: producer.id,
      replaceTrack: (replacement) => producer.replaceTrack({ track: replacement }),
      setEncodings: async (changed) => producer.rtpSender && applyEncodings(producer.rtpSender, changed),
      close: () => producer.close(),
    };
  }

  /** Sets up what the server offers; the media starts with `consumerReady`. Undefined when it was closed meanwhile. */
  async consume(offer: ConsumerOffer, streamId: string): Promise<MediaStreamTrack | undefined> {
    const receiving: Receiving = {};
    this.#consumers.set(offer.consumerId, receiving);
    const wanted = () => this.#consumers.get(offer.consumerId) === receiving;
    const transport = await this.#transports.get('recv');
    if (!wanted() || transport?.id !== offer.transportId || transport.closed) return undefined;
    receiving.opening = transport.consume({
      id: offer.consumerId,
      producerId: offer.trackId,
      kind: offer.kind,
      rtpParameters: offer.rtpParameters as types.RtpParameters,
      streamId,
    });
    receiving.consumer = await receiving.opening;
    return wanted() ? receiving.consumer.track : undefined;
  }

  closeConsumer(consumerId: string): void {
    const consumer = this.#consumers.get(consumerId);
    this.#consumers.delete(consumerId);
    consumer?.opening?.then((opened) => opened.close()).catch(() => {});
  }

  /** A track is heard at least `ms` after it came; 0 leaves that to the browser. Browsers that cannot do it go on as before. */
  delay(trackId: string, ms: number): void {
    for (const { consumer } of this.#consumers.values()) {
      if (consumer?.track.id === trackId && consumer.rtpReceiver)
        consumer.rtpReceiver.jitterBufferTarget = ms || null;
    }
  }

  /** Those in which media got through, or should have by now. A transport that carries nothing yet has no path. */
  get directions(): Direction[] {
    return [...this.#opened]
      .filter(([, { dtlsParameters }]) => dtlsParameters)
      .map(([direction]) => direction);
  }

  /** Whether media gets through in a direction, as the browser sees it. */
  isConnected(direction: Direction): boolean {
    return this.#opened.get(direction)?.transport.connectionState === 'connected';
  }

  /** What the browser counts of a transport that is open. */
  async statistics(direction: Direction): Promise<RTCStatsReport | undefined> {
    return this.#opened.get(direction)?.transport.getStats();
  }

  /** New ICE credentials for a transport, if there is one. */
  async restartIce(direction: Direction): Promise<void> {
    const transport = await this.#transports.get(direction);
    if (!transport) return;
    const { iceParameters } = await this.#request('restartIce', { transportId: transport.id });
    if (!transport.closed)
      await transport.restartIce({ iceParameters: iceParameters as types.IceParameters });
  }

  #transport(direction: Direction): Promise<Transport> {
    const known = this.#transports.get(direction);
    if (known) return known;
    const opening = this.#openTransport(direction);
    this.#transports.set(direction, opening);
    opening.catch(() => {
      if (this.#transports.get(direction) === opening) this.#transports.delete(direction);
    });
    return opening;
  }

  async #openTransport(direction: Direction): Promise<Transport> {
    const { transportId: id, ...offer } = await this.#request('openTransport', { direction });
    if (this.#closed || !this.#device) throw new RtcError('aborted', 'The connection is closed.');
    const options = { id, ...offer } as types.TransportOptions;
    const transport =
      direction === 'send'
        ? this.#device.createSendTransport(options)
        : this.#device.createRecvTransport(options);
    const opened: { transport: Transport; dtlsParameters?: DtlsParameters } = { transport };
    this.#opened.set(direction, opened);
    transport.on('connect', ({ dtlsParameters }, connected) => {
      opened.dtlsParameters = dtlsParameters as DtlsParameters;
      // Not awaited: the server reads the request long before the first DTLS packet can reach it.
      this.#sendFingerprint(direction, transport, opened.dtlsParameters);
      connected();
    });
    transport.on('produce', ({ rtpParameters, appData }, published, failed) => {
      const offer = appData as Offer;
      const { slot, muted, trackId } = offer;
      this.#request('publish', {
        transportId: id,
        slot,
        rtpParameters: rtpParameters as RtpParameters,
        muted,
        trackId,
      }).then(
        (answer) => published({ id: answer.trackId }),
        (error) => {
          if (transport.closed) {
            failed(error);
            return;
          }
          // mediasoup-client undoes what failed beside its queue, where the next track trips over it;
          // what is closed is undone in the queue.
          offer.refusal = error;
          published({ id: `refused ${slot}` });
        },
      );
    });
    transport.on('connectionstatechange', (state) => {
      if (this.#opened.get(direction) !== opened) return;
      if (state === 'connected') this.#hooks.onPathConnected(direction);
      if (state === 'disconnected' || state === 'failed') this.#hooks.onPathLost(direction);
    });
    return transport;
  }

  #sendFingerprint(direction: Direction, transport: Transport, dtlsParameters: DtlsParameters): void {
    // Who comes back says it again; the server takes it once.
    this.#retries.get(direction)?.();
    const params = { transportId: transport.id, dtlsParameters };
    this.#request('connectTransport', params).catch((error) => {
      if (transport.closed) return;
      this.#refused(direction, error, () => this.#sendFingerprint(direction, transport, dtlsParameters));
    });
  }

  /** A media worker that is being replaced, for example, is no reason to give up the seat. */
  #refused(direction: Direction, error: unknown, again: () => void): void {
    this.#retries.get(direction)?.();
    if (mayPass(error)) this.#retries.set(direction, this.#timers.after(RETRY_MS, again));
    else this.#hooks.onBroken(error);
  }

  #codec(kind: string, name: string): types.RtpCodecCapability {
    const wanted = `${kind}/${name}`.toLowerCase();
    const codec = this.#device?.sendRtpCapabilities.codecs?.find(
      ({ mimeType }) => mimeType.toLowerCase() === wanted,
    );
    if (codec) return codec;
    const cause = name === 'H264' ? 'h264EncodeUnsupported' : 'codecNotEncodable';
    throw new RtcError(cause, `This browser or this server does not encode ${name}.`);
  }
}

/** Whether the server may do it when it is asked again over the same connection. */
const mayPass = (error: unknown): boolean =>
  error instanceof ServiceError && error.code !== 'connectionLost' && errors[error.code].retry;
