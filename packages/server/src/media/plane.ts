import { availableParallelism } from 'node:os';
import type {
  ConsumerOffer,
  DtlsParameters,
  ErrorName,
  IceParameters,
  RtpCapabilities,
  TransportOffer,
} from '@roomkey/protocol';
import type { Direction } from '@roomkey/tickets/permissions';
import { setLogEventListeners, type types } from 'mediasoup';
import type { MediaEvents, MediaPlace, MediaPlane } from '../ports/index.ts';
import { offeredCapabilities, receiverCapabilities } from './codecs.ts';
import { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable, reason, within } from './media-error.ts';
import type { MediaLog } from './media-log.ts';
import type { MediaSettings } from './media-settings.ts';
import type { MediaSnapshot } from './media-snapshot.ts';
import { type OpenConsumer, OpenMedia, type OpenTrack, type OpenTransport } from './open-media.ts';
import { PacketMeter } from './packet-meter.ts';
import { RateWatch } from './rate-watch.ts';
import { RoomRouters } from './room-routers.ts';
import { sentMimeTypes, trackParameters } from './track-parameters.ts';
import { WorkerPool } from './worker-pool.ts';

type HandledObject = types.Router | types.WebRtcTransport | types.Producer | types.Consumer;

/** Tracks, and consumers, that one snapshot asks for their packets. */
const METER_ROUND = 200;
const METER_MS = 1_000;

/** The media plane on mediasoup workers. */
export class MediasoupPlane implements MediaPlane {
  readonly rtpCapabilities: RtpCapabilities = offeredCapabilities();
  readonly #deadlineMs: number;
  readonly #iceConsentTimeout: number;
  readonly #transportCc: boolean;
  readonly #log: MediaLog;
  readonly #pool: WorkerPool;
  readonly #routers: RoomRouters;
  readonly #transports = new OpenMedia<OpenTransport>('transport');
  readonly #tracks = new OpenMedia<OpenTrack>('track');
  readonly #consumers = new OpenMedia<OpenConsumer>('consumer');
  readonly #rates: RateWatch;
  readonly #received = new PacketMeter();
  readonly #forwarded = new PacketMeter();
  #events: MediaEvents | undefined;
  #closing: Promise<void> | undefined;

  private constructor(settings: MediaSettings, pool: WorkerPool) {
    const {
      deadlineMs = 5_000,
      consentSeconds = 30,
      transportCc = false,
      audioBitrate = 512_000,
      videoBitrate = 8_000_000,
      log = () => {},
    } = settings;
    this.#log = log;
    this.#deadlineMs = deadlineMs;
    this.#iceConsentTimeout = consentSeconds;
    this.#transportCc = transportCc;
    this.#pool = pool;
    pool.onLost = (placeId) => this.#lose(placeId);
    this.#routers = new RoomRouters(pool);
    this.#rates = new RateWatch(
      { audio: audioBitrate, video: videoBitrate },
      () => this.#transports.values(),
      (trackId) => this.#tellExceeded(trackId),
    );
  }

  /**
   * Starts the workers. Each one that dies is started again: at once the first time, then after a growing wait.
   *
   * @throws {MediaStartError} when a worker does not start or cannot listen.
   */
  static async create(settings: MediaSettings): Promise<MediasoupPlane> {
    const { workers = availableParallelism(), log = () => {} } = settings;
    setLogEventListeners({
      onwarn: (source, message) => log('debug', message, { source }),
      onerror: (source, message) => log('warn', message, { source }),
    });
    return new MediasoupPlane(settings, await WorkerPool.start(workers, { ...settings, log }));
  }

  /** Whether at least one worker lives. */
  get ready(): boolean {
    return this.#pool.living.length > 0;
  }

  listen(events: MediaEvents): void {
    this.#events = events;
  }

  /** A room that has something open stays where it is; else the least loaded worker, or one that is being started. */
  place(room: string): MediaPlace {
    const placeId =
      this.#routers.placeOf(room) ?? this.#pool.choose((id) => this.#routers.count(id))?.placeId;
    if (!placeId) throw mediaUnavailable('No media worker runs.');
    return { placeId };
  }

  async openTransport(
    { placeId }: MediaPlace,
    room: string,
    transportId: string,
    direction: Direction,
  ): Promise<TransportOffer> {
    this.#transports.refuseTaken(transportId);
    const router = this.#routers.open(placeId, room);
    const handle: OpenTransport['handle'] = new EngineHandle({
      parents: [router],
      faults: this.#pool.faults(placeId),
      open: async () => {
        const webRtcServer = (await this.#pool.find(placeId))?.webRtcServer;
        if (!webRtcServer) throw mediaUnavailable('The media worker is gone.');
        const engine = await (await router.engine()).createWebRtcTransport({
          webRtcServer,
          preferUdp: true,
          iceConsentTimeout: this.#iceConsentTimeout,
        });
        this.#tellWhenLost(room, transportId, engine);
        return engine;
      },
      onEnd: () => this.#transports.remove(transportId, transport),
    });
    const transport: OpenTransport = {
      placeId,
      room,
      direction,
      handle,
      tracks: new Set(),
      estimates: this.#transportCc,
    };
    this.#transports.add(transportId, transport);
    this.#pool.opened(placeId);
    const engine = await this.#opened(handle);
    return {
      transportId,
      direction,
      iceParameters: engine.iceParameters,
      iceCandidates: engine.iceCandidates as TransportOffer['iceCandidates'],
      dtlsParameters: engine.dtlsParameters,
    };
  }

  /** Beside the refusals of the port: `invalidParams` for a fingerprint the engine does not take, or a second call. */
  async connectTransport(transportId: string, dtls: DtlsParameters): Promise<void> {
    const dtlsParameters = dtls as types.DtlsParameters;
    const { handle } = this.#transports.need(transportId);
    await this.#asked(handle, (engine) => engine.connect({ dtlsParameters }), 'invalidParams');
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    return this.#asked(this.#transports.need(transportId).handle, (engine) => engine.restartIce());
  }

  /** Bytes that have arrived for a transport: of every packet, whether a track takes it or not. */
  async transportBytes(transportId: string): Promise<number> {
    const { handle } = this.#transports.need(transportId);
    const [stat] = await this.#asked(handle, (engine) => engine.getStats());
    return stat?.bytesReceived ?? 0;
  }

  async openTrack({
    trackId,
    transportId,
    kind,
    slot,
    rtpParameters,
  }: Parameters<MediaPlane['openTrack']>[0]): Promise<void> {
    this.#tracks.refuseTaken(trackId);
    const transport = this.#transports.need(transportId);
    const parameters = trackParameters(kind, rtpParameters);
    const source = {
      packets: async () => packetsOf('inbound-rtp', await handle.askIfOpen((engine) => engine.getStats())),
    };
    const handle: OpenTrack['handle'] = new EngineHandle({
      parents: [transport.handle],
      faults: this.#pool.faults(transport.placeId),
      open: async () => {
        const engine = await transport.handle.engine();
        return withKeptParameters(
          await engine.produce({ id: trackId, kind, rtpParameters: parameters, paused: true }),
        );
      },
      onEnd: () => {
        this.#tracks.remove(trackId, track);
        transport.tracks.delete(track);
        this.#rates.forget(trackId);
        this.#received.remove(source);
      },
    });
    const mimeTypes = sentMimeTypes(kind, parameters);
    const track: OpenTrack = { trackId, transport, slot, mimeTypes, handle };
    this.#tracks.add(trackId, track);
    this.#pool.opened(transport.placeId);
    transport.tracks.add(track);
    this.#received.add(source);
    await this.#opened(handle, 'rtpParametersInvalid');
  }

  async setTrackPaused(trackId: string, paused: boolean): Promise<void> {
    await this.#asked(this.#tracks.need(trackId).handle, (engine) =>
      paused ? engine.pause() : engine.resume(),
    );
  }

  async openConsumer({
    consumerId,
    transportId,
    trackId,
    rtpCapabilities,
  }: Parameters<MediaPlane['openConsumer']>[0]): Promise<ConsumerOffer> {
    this.#consumers.refuseTaken(consumerId);
    const transport = this.#transports.need(transportId);
    const track = this.#tracks.need(trackId);
    if (track.transport.placeId !== transport.placeId || track.transport.room !== transport.room)
      throw mediaUnavailable('The track and the transport are not on the same media worker and room.');
    const source = {
      packets: async () => packetsOf('outbound-rtp', await handle.askIfOpen((engine) => engine.getStats())),
    };
    const handle: OpenConsumer['handle'] = new EngineHandle({
      parents: [transport.handle, track.handle],
      faults: this.#pool.faults(transport.placeId),
      open: async () => {
        const engine = await transport.handle.engine();
        const producer = await track.handle.engine();
        // The engine shares one estimate among all pictures of a transport, so those that come beside
        // one with layers have to be in it. A screen often does; a camera with a single layer rarely.
        transport.estimates ||= producer.type !== 'simple' || track.slot === 'screen';
        const capabilities = receiverCapabilities(rtpCapabilities, track.mimeTypes, transport.estimates);
        return engine.consume({ producerId: trackId, rtpCapabilities: capabilities, paused: true });
      },
      onEnd: () => {
        this.#consumers.remove(consumerId, consumer);
        this.#forwarded.remove(source);
      },
    });
    const consumer: OpenConsumer = { transport, handle };
    this.#consumers.add(consumerId, consumer);
    this.#pool.opened(transport.placeId);
    this.#forwarded.add(source);
    const { kind, rtpParameters } = await this.#opened(handle, 'rtpParametersInvalid');
    return {
      consumerId,
      transportId,
      trackId,
      kind,
      rtpParameters: rtpParameters as ConsumerOffer['rtpParameters'],
    };
  }

  async resumeConsumer(consumerId: string): Promise<void> {
    await this.#asked(this.#consumers.need(consumerId).handle, (engine) => engine.resume());
  }

  async setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void> {
    const { handle } = this.#consumers.need(consumerId);
    await this.#asked(handle, (engine) => engine.setPreferredLayers({ spatialLayer }));
  }

  closeConsumer(consumerId: string): void {
    this.#consumers.end(consumerId);
  }

  closeTrack(trackId: string): void {
    this.#tracks.end(trackId);
  }

  closeTransport(transportId: string): void {
    this.#transports.end(transportId);
  }

  async confirmClosed({ placeId }: MediaPlace, transportIds: readonly string[] = []): Promise<void> {
    await this.#pool.confirmClosed(placeId, () => {
      for (const transportId of transportIds) {
        const room = this.#transports.find(transportId)?.room;
        this.closeTransport(transportId);
        if (room !== undefined) this.#tell((events) => events.transportLost(room, transportId));
      }
    });
  }

  closeRoom(room: string): void {
    this.#routers.close(room);
  }

  /**
   * What runs and what it uses. Packets are read in rounds of 200 tracks and 200 consumers per call, so with more
   * than that the totals lag; answers within about a second even when a worker hangs.
   */
  async snapshot(): Promise<MediaSnapshot> {
    const rounds = Promise.all([this.#received.read(METER_ROUND), this.#forwarded.read(METER_ROUND)]);
    await within(METER_MS, rounds).catch(() => {});
    const transports = countByPlace(this.#transports.values(), ({ placeId }) => placeId);
    const tracks = countByPlace(this.#tracks.values(), ({ transport }) => transport.placeId);
    const consumers = countByPlace(this.#consumers.values(), ({ transport }) => transport.placeId);
    return {
      workers: this.#pool.living.map(({ index, placeId, pid = 0, usage }) => ({
        worker: index,
        placeId,
        pid,
        ...usage,
        rooms: this.#routers.count(placeId),
        transports: transports.get(placeId) ?? 0,
        tracks: tracks.get(placeId) ?? 0,
        consumers: consumers.get(placeId) ?? 0,
      })),
      restarts: this.#pool.restarts,
      packetsReceived: this.#received.total,
      packetsForwarded: this.#forwarded.total,
    };
  }

  /** Ends everything: resolves when no worker process is left. Nothing is told of it to `listen`ers. Idempotent. */
  close(): Promise<void> {
    this.#rates.close();
    this.#events = undefined;
    this.#closing ??= this.#pool.close();
    return this.#closing;
  }

  #lose(placeId: string): void {
    const rooms = this.#routers.closePlace(placeId);
    this.#tell((events) => events.placeLost({ placeId }, rooms));
  }

  #tellExceeded(trackId: string): void {
    const room = this.#tracks.find(trackId)?.transport.room;
    if (room !== undefined) this.#tell((events) => events.bitrateExceeded(room, trackId));
  }

  /** What a listener throws, or rejects with, is logged and harms nobody. */
  #tell(event: (events: MediaEvents) => unknown): void {
    const events = this.#events;
    if (!events) return;
    new Promise((resolve) => resolve(event(events))).catch((error: unknown) =>
      this.#log('error', 'a listener of the media plane failed', { reason: reason(error) }),
    );
  }

  #tellWhenLost(room: string, transportId: string, { observer }: types.WebRtcTransport): void {
    const lost = () => this.#tell((events) => events.transportLost(room, transportId));
    observer.on('dtlsstatechange', (state) => {
      if (state === 'failed' || state === 'closed') lost();
    });
    observer.on('icestatechange', (state) => {
      if (state === 'disconnected') lost();
    });
  }

  async #opened<T extends HandledObject>(handle: EngineHandle<T>, mistake?: ErrorName): Promise<T> {
    return within(this.#deadlineMs, handle.engine(), { mistake, late: () => handle.end() });
  }

  async #asked<T extends HandledObject, R>(
    handle: EngineHandle<T>,
    ask: (engine: T) => Promise<R>,
    mistake?: ErrorName,
  ): Promise<R> {
    return within(this.#deadlineMs, handle.ask(ask), { mistake });
  }
}

/** The engine reads a track's parameters twice for each consumer, and copies all of them each time, though they never change. */
function withKeptParameters(producer: types.Producer): types.Producer {
  const { consumableRtpParameters: value } = producer;
  return Object.defineProperty(producer, 'consumableRtpParameters', { value });
}

function packetsOf(
  type: 'inbound-rtp' | 'outbound-rtp',
  streams: readonly { readonly type: string; readonly packetCount: number }[] = [],
): number {
  return streams.reduce((sum, stream) => (stream.type === type ? sum + stream.packetCount : sum), 0);
}

function countByPlace<T>(entries: Iterable<T>, placeOf: (entry: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(placeOf(entry), (counts.get(placeOf(entry)) ?? 0) + 1);
  return counts;
}
