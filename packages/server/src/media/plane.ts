import { availableParallelism } from 'node:os';
import type { RtpCapabilities } from '@roomkey/protocol';
import { setLogEventListeners } from 'mediasoup';
import { EventLoopShare } from '../event-loop-share.ts';
import type { MediaEvents, MediaPlace, MediaPlane } from '../ports/index.ts';
import { offeredCapabilities } from './codecs.ts';
import { Consumers } from './consumers.ts';
import { EngineCalls } from './engine-calls.ts';
import { levelOfEngineError } from './engine-line.ts';
import { HeardEvents } from './heard-events.ts';
import { mediaUnavailable, reason, within } from './media-error.ts';
import { defaultBitrates, type MediaSettings } from './media-settings.ts';
import type { MediaSnapshot } from './media-snapshot.ts';
import { RateWatch } from './rate-watch.ts';
import { RetransmissionWatch } from './retransmission-watch.ts';
import { RoomRouters } from './room-routers.ts';
import { Tracks } from './tracks.ts';
import { WebRtcTransports } from './webrtc-transports.ts';
import { withoutSrtp } from './workers/srtp-check.ts';
import { memoryShare } from './workers/worker-memory.ts';
import { WorkerPool } from './workers/worker-pool.ts';

/** Tracks, and consumers, that one snapshot asks for their packets. */
const METER_ROUND = 200;
const METER_MS = 1_000;

/** The media plane on mediasoup workers. */
export class MediasoupPlane implements MediaPlane {
  readonly rtpCapabilities: RtpCapabilities = offeredCapabilities();
  readonly #pool: WorkerPool;
  readonly #routers: RoomRouters;
  readonly #transports: WebRtcTransports;
  readonly #tracks: Tracks;
  readonly #consumers: Consumers;
  readonly #rates: RateWatch;
  readonly #told: HeardEvents;
  #closing: Promise<void> | undefined;

  private constructor(settings: MediaSettings, pool: WorkerPool) {
    const {
      deadlineMs = 5_000,
      consentSeconds = 30,
      transportCc = true,
      audioBitrate = defaultBitrates.audio,
      videoBitrate = defaultBitrates.video,
      log = () => {},
      share = new EventLoopShare(),
    } = settings;
    this.#pool = pool;
    pool.onLost = (placeId) => this.#lose(placeId);
    const told = new HeardEvents((error) =>
      log('error', 'a listener of the media plane failed', { reason: reason(error) }),
    );
    this.#told = told;
    pool.onAvailable = told.available;
    const routers = new RoomRouters(pool);
    pool.isEmpty = (placeId) => routers.count(placeId) === 0;
    const calls = new EngineCalls(deadlineMs);
    const webRtc = new WebRtcTransports({ pool, routers, calls, consentSeconds, lost: told.transportLost });
    const transports = webRtc.all;
    const rates = new RateWatch(
      { audio: audioBitrate, video: videoBitrate },
      () => transports.values(),
      (trackId) => this.#tellExceeded(trackId),
      new RetransmissionWatch(log),
    );
    this.#routers = routers;
    this.#transports = webRtc;
    this.#rates = rates;
    this.#tracks = new Tracks({ pool, calls, transports, rates, share, log });
    this.#consumers = new Consumers({
      pool,
      calls,
      transports,
      tracks: this.#tracks.all,
      transportCc,
      share,
      told,
    });
  }

  /**
   * Starts the workers. Each one that dies is started again: at once the first time, then after a growing wait.
   *
   * @throws {MediaStartError} when a worker does not start or cannot listen.
   */
  static async create(settings: MediaSettings): Promise<MediasoupPlane> {
    const { workers = availableParallelism(), log = () => {} } = settings;
    let pool: WorkerPool | undefined;
    setLogEventListeners({
      onwarn: (source, message) => log('debug', message, { source }),
      onerror: (source, message) => {
        log(levelOfEngineError(message), message, { source });
        const pid = withoutSrtp(message);
        if (pid !== undefined) pool?.gaveNoMedia(pid, message);
      },
    });
    const { workerMemory = memoryShare(workers) } = settings;
    pool = await WorkerPool.start(workers, { ...settings, workerMemory, log });
    return new MediasoupPlane(settings, pool);
  }

  /** Whether at least one worker takes members. */
  get ready(): boolean {
    return this.#pool.living.some((life) => life.takesTransports);
  }

  /** Whether no worker is short of descriptors: one that is takes no more members. */
  get hasDescriptors(): boolean {
    return this.#pool.living.every((life) => !life.shortOfDescriptors);
  }

  /** Whether no worker has too much memory: one that has takes no more members. */
  get hasMemory(): boolean {
    return this.#pool.living.every((life) => !life.fullOfMemory);
  }

  listen(events: MediaEvents): void {
    this.#told.listener = events;
  }

  /** A room that has something open stays where it is; else the least loaded worker, or one that is being started. */
  place(room: string): MediaPlace {
    const placeId =
      this.#routers.placeOf(room) ?? this.#pool.choose((id) => this.#routers.count(id))?.placeId;
    if (!placeId) throw mediaUnavailable('No media worker takes more members.');
    return { placeId };
  }

  takesTransports(room: string): boolean {
    const placeId = this.#routers.placeOf(room);
    const { living } = this.#pool;
    const lives = placeId === undefined ? living : living.filter((life) => life.placeId === placeId);
    return lives.some((life) => life.takesTransports);
  }

  openTransport: MediaPlane['openTransport'] = (transport) =>
    ({ webrtc: this.#transports })[transport.kind].open(transport);

  /** Beside the refusals of the port: `invalidParams` for a fingerprint the engine does not take, or a second call. */
  connectTransport: MediaPlane['connectTransport'] = (transportId, dtls) =>
    this.#transports.connect(transportId, dtls);

  restartIce: MediaPlane['restartIce'] = (transportId) => this.#transports.restartIce(transportId);

  /** Bytes that have arrived for a transport: of every packet, whether a track takes it or not. */
  transportBytes(transportId: string): Promise<number> {
    return this.#transports.bytes(transportId);
  }

  openTrack: MediaPlane['openTrack'] = (track) => this.#tracks.open(track);

  setTrackPaused: MediaPlane['setTrackPaused'] = (trackId, paused) => this.#tracks.setPaused(trackId, paused);

  openConsumer: MediaPlane['openConsumer'] = (consumer) => this.#consumers.open(consumer);

  resumeConsumer: MediaPlane['resumeConsumer'] = (consumerId) => this.#consumers.resume(consumerId);

  setSpatialLayer: MediaPlane['setSpatialLayer'] = (consumerId, spatialLayer) =>
    this.#consumers.setSpatialLayer(consumerId, spatialLayer);

  closeConsumer(consumerId: string): void {
    this.#consumers.all.end(consumerId);
  }

  closeTrack(trackId: string): void {
    this.#tracks.all.end(trackId);
  }

  closeTransport(transportId: string): void {
    this.#transports.all.end(transportId);
  }

  async confirmClosed({ placeId }: MediaPlace, transportIds: readonly string[] = []): Promise<void> {
    await this.#pool.confirmClosed(placeId, () => {
      for (const transportId of transportIds) {
        const room = this.#transports.all.find(transportId)?.room;
        this.closeTransport(transportId);
        if (room !== undefined) this.#told.transportLost(room, transportId);
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
    const { received } = this.#tracks;
    const { forwarded } = this.#consumers;
    const rounds = Promise.all([received.read(METER_ROUND), forwarded.read(METER_ROUND)]);
    await within(METER_MS, rounds).catch(() => {});
    const transports = countByPlace(this.#transports.all.values(), ({ placeId }) => placeId);
    const tracks = countByPlace(this.#tracks.all.values(), ({ transport }) => transport.placeId);
    const consumers = countByPlace(this.#consumers.all.values(), ({ transport }) => transport.placeId);
    return {
      workers: this.#pool.living.map(({ index, placeId, pid = 0, usage, descriptors, memory }) => ({
        worker: index,
        placeId,
        pid,
        ...usage,
        descriptors,
        memory,
        rooms: this.#routers.count(placeId),
        transports: transports.get(placeId) ?? 0,
        tracks: tracks.get(placeId) ?? 0,
        consumers: consumers.get(placeId) ?? 0,
      })),
      restarts: this.#pool.restarts,
      packetsReceived: received.total,
      packetsForwarded: forwarded.total,
      mended: { ...this.#consumers.mended },
    };
  }

  /** Ends everything: resolves when no worker process is left. Nothing is told of it to `listen`ers. Idempotent. */
  close(): Promise<void> {
    this.#rates.close();
    this.#told.listener = undefined;
    this.#closing ??= this.#pool.close();
    return this.#closing;
  }

  #lose(placeId: string): void {
    const rooms = this.#routers.closePlace(placeId);
    this.#told.placeLost({ placeId }, rooms);
  }

  #tellExceeded(trackId: string): void {
    const room = this.#tracks.all.find(trackId)?.transport.room;
    if (room !== undefined) this.#told.bitrateExceeded(room, trackId);
  }
}

function countByPlace<T>(entries: Iterable<T>, placeOf: (entry: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(placeOf(entry), (counts.get(placeOf(entry)) ?? 0) + 1);
  return counts;
}
