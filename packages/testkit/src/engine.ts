import { observer, type types } from 'mediasoup';

/**
 * The media engine of a server in this process, seen and used behind the server's back. Made before the server starts, so that it
 * sees everything.
 */
export class EngineDoor {
  readonly #workers = new Set<types.Worker>();
  readonly #routers = new Set<types.Router>();
  readonly #receiving = new Set<types.WebRtcTransport>();

  constructor() {
    observer.on('newworker', (worker) => {
      this.#workers.add(worker);
      worker.observer.once('close', () => this.#workers.delete(worker));
      worker.observer.on('newrouter', (router) => {
        // Without codecs there is no media on it.
        if (router.rtpCapabilities.codecs?.length === 0) return;
        this.#routers.add(router);
        router.observer.once('close', () => this.#routers.delete(router));
        router.observer.on('newtransport', (transport) => this.#see(transport));
      });
    });
  }

  /** The first worker that lives. */
  get worker(): types.Worker {
    return first(this.#workers, 'worker');
  }

  /** The router of the first room that has media: not one that is the worker's own. */
  get router(): types.Router {
    return first(this.#routers, 'router');
  }

  /** The WebRTC transports on which something is, or was, received. */
  get receiving(): types.WebRtcTransport[] {
    return [...this.#receiving];
  }

  #see(transport: types.Transport): void {
    if (transport.type !== 'webrtc') return;
    const webRtc = transport as types.WebRtcTransport;
    transport.observer.on('newconsumer', () => this.#receiving.add(webRtc));
    transport.observer.once('close', () => this.#receiving.delete(webRtc));
  }
}

/** What {@link PlainSinks} multiplies, and where to. */
export interface SinkSettings {
  /** Local address on which the stream to be multiplied is taken. */
  readonly source: string;
  /** Local address that is sent from. */
  readonly from: string;
  /** Address that is sent to; nobody has to be there. */
  readonly to: string;
}

/** Plain RTP receivers at a router, as many as one likes: load for its worker. */
export class PlainSinks {
  /** Where to send the Opus stream (payload type 100, SSRC 7777, plain RTP) that every sink gets. */
  readonly port: number;
  readonly #router: types.Router;
  readonly #settings: SinkSettings;
  readonly #producer: types.Producer;
  readonly #consumers: types.Consumer[] = [];

  private constructor(
    router: types.Router,
    settings: SinkSettings,
    { port, producer }: { readonly port: number; readonly producer: types.Producer },
  ) {
    this.#router = router;
    this.#settings = settings;
    this.port = port;
    this.#producer = producer;
  }

  static async open(router: types.Router, settings: SinkSettings): Promise<PlainSinks> {
    const stream = { kind: 'audio', mimeType: 'audio/opus', payloadType: 100, ssrc: 7777 } as const;
    return new PlainSinks(router, settings, await openPlainSource(router, settings.source, stream));
  }

  get count(): number {
    return this.#consumers.length;
  }

  async add(count: number): Promise<void> {
    const { from: ip, to } = this.#settings;
    const { rtpCapabilities } = this.#router;
    for (let added = 0; added < count; added++) {
      const listenInfo = { protocol: 'udp', ip } as const;
      const transport = await this.#router.createPlainTransport({ listenInfo });
      await transport.connect({ ip: to, port: 9 });
      this.#consumers.push(await transport.consume({ producerId: this.#producer.id, rtpCapabilities }));
    }
  }

  /** Ends the newest sinks. */
  remove(count: number): void {
    for (const consumer of this.#consumers.splice(Math.max(0, this.#consumers.length - count)))
      consumer.close();
  }

  /** Packets that the sinks that are there have been sent so far. */
  async packets(): Promise<number> {
    const stats = await Promise.all(this.#consumers.map((consumer) => consumer.getStats()));
    const sent = stats.flat().filter(({ type }) => type === 'outbound-rtp');
    return sent.reduce((sum, { packetCount }) => sum + packetCount, 0);
  }
}

/** A stream that is taken as plain RTP. */
export interface PlainStream {
  readonly kind: types.MediaKind;
  readonly mimeType: types.RtpCodecParameters['mimeType'];
  readonly payloadType: number;
  readonly ssrc: number;
}

/** Where such a stream is taken. */
export interface PlainSource {
  readonly port: number;
  readonly transport: types.Transport;
  readonly producer: types.Producer;
}

/** Opens a producer behind the server's back; whoever sends the stream to the port is taken. */
export async function openPlainSource(
  router: types.Router,
  ip: string,
  { kind, mimeType, payloadType, ssrc }: PlainStream,
): Promise<PlainSource> {
  const listenInfo = { protocol: 'udp', ip } as const;
  const transport = await router.createPlainTransport({ listenInfo, comedia: true });
  const codec =
    kind === 'audio'
      ? { mimeType, payloadType, clockRate: 48_000, channels: 2 }
      : { mimeType, payloadType, clockRate: 90_000 };
  const producer = await transport.produce({
    kind,
    rtpParameters: { codecs: [codec], encodings: [{ ssrc }] },
  });
  return { port: transport.tuple.localPort, transport, producer };
}

function first<T>(list: Iterable<T>, what: string): T {
  const [one] = list;
  if (!one) throw new Error(`the engine has no ${what} yet`);
  return one;
}
