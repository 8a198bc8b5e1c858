import type { DtlsParameters, IceParameters, TransportOffer } from '@roomkey/protocol';
import type { types } from 'mediasoup';
import type { MediaPlane } from '../ports/index.ts';
import { systemClock } from '../system-clock.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable } from './media-error.ts';
import { OpenMedia, type OpenTransport } from './open-media.ts';
import { START_BITRATE } from './pictures/link-cap.ts';
import { PictureLink } from './pictures/picture-link.ts';
import type { RoomRouters } from './room-routers.ts';
import { TcpWatch } from './tcp-watch.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What WebRTC transports are made with. */
interface Parts {
  readonly pool: WorkerPool;
  readonly routers: RoomRouters;
  readonly calls: EngineCalls;
  /** Seconds without an ICE consent check, or without a connection over TCP, after which a peer is lost. */
  readonly consentSeconds: number;
  /** The peer of a transport fell silent. */
  readonly lost: (room: string, transportId: string) => void;
}

/** Transports of the kind `webrtc`: ICE and DTLS with one client, over the port of their worker. */
export class WebRtcTransports {
  readonly all = new OpenMedia<OpenTransport>('transport');
  readonly #parts: Parts;
  readonly #tcp: TcpWatch;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#tcp = new TcpWatch(parts.consentSeconds);
  }

  async open({
    place: { placeId },
    room,
    transportId,
    direction,
  }: Parameters<MediaPlane['openTransport']>[0]): Promise<TransportOffer> {
    const { pool, routers, calls, consentSeconds } = this.#parts;
    this.all.refuseTaken(transportId);
    const router = routers.open(placeId, room);
    const handle: OpenTransport['handle'] = new EngineHandle({
      parents: [router],
      watch: pool.watch(placeId),
      open: async () => {
        const life = await pool.find(placeId);
        if (!life?.webRtcServer) throw mediaUnavailable('The media worker is gone.');
        if (life.shortOfDescriptors)
          throw mediaUnavailable('The media worker has too many open connections.');
        if (life.fullOfMemory) throw mediaUnavailable('The media worker has hardly any memory left.');
        const { webRtcServer } = life;
        const engine = await (await router.engine()).createWebRtcTransport({
          webRtcServer,
          preferUdp: true,
          iceConsentTimeout: consentSeconds,
          initialAvailableOutgoingBitrate: START_BITRATE,
        });
        this.#tellWhenLost({ placeId, room, transportId }, engine);
        return engine;
      },
      onEnd: () => this.all.remove(transportId, transport),
    });
    const transport: OpenTransport = {
      placeId,
      room,
      direction,
      handle,
      tracks: new Set(),
      consumers: new Set(),
      link: new PictureLink(handle),
      renewals: new Map(),
    };
    this.all.add(transportId, transport);
    pool.opened(placeId);
    const engine = await calls.opened(handle);
    return {
      transportId,
      direction,
      iceParameters: engine.iceParameters,
      iceCandidates: engine.iceCandidates as TransportOffer['iceCandidates'],
      dtlsParameters: engine.dtlsParameters,
    };
  }

  /** @throws {ServiceError} `mediaUnavailable`; `invalidParams` for a fingerprint that the engine does not take, or a second call */
  async connect(transportId: string, dtls: DtlsParameters): Promise<void> {
    const dtlsParameters = dtls as types.DtlsParameters;
    const { handle } = this.all.need(transportId);
    await this.#parts.calls.asked(handle, (engine) => engine.connect({ dtlsParameters }), 'invalidParams');
  }

  async restartIce(transportId: string): Promise<IceParameters> {
    return this.#parts.calls.asked(this.all.need(transportId).handle, (engine) => engine.restartIce());
  }

  /** Bytes that have arrived for a transport: of every packet, whether a track takes it or not. */
  async bytes(transportId: string): Promise<number> {
    const { handle } = this.all.need(transportId);
    const [stat] = await this.#parts.calls.asked(handle, (engine) => engine.getStats());
    return stat?.bytesReceived ?? 0;
  }

  #tellWhenLost(
    { placeId, room, transportId }: { placeId: string; room: string; transportId: string },
    engine: types.WebRtcTransport,
  ): void {
    const { observer } = engine;
    const lost = () => this.#parts.lost(room, transportId);
    let stopWaiting = () => {};
    this.#tcp.add(engine, lost);
    observer.on('dtlsstatechange', (state) => {
      if (state === 'failed' || state === 'closed') lost();
      if (state === 'failed') this.#parts.pool.doubt(placeId);
    });
    observer.on('icestatechange', (state) => {
      stopWaiting();
      if (state !== 'disconnected') return;
      // Over UDP the engine says so when nothing was heard for the time of consent. Over TCP it also does when the connection
      // ends, and looks no longer: an ICE restart may bring the peer back, over another connection.
      if (engine.iceSelectedTuple?.protocol === 'tcp')
        stopWaiting = systemClock.after(this.#parts.consentSeconds * 1000, lost);
      else lost();
    });
    observer.once('close', () => stopWaiting());
  }
}
