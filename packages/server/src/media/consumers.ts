import { type ConsumerOffer, limits } from '@roomkey/protocol';
import { slotKind } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import type { MediaEvents, MediaPlane } from '../ports/index.ts';
import { receiverCapabilities } from './codecs.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable } from './media-error.ts';
import type { MediaLog } from './media-log.ts';
import { type OpenConsumer, OpenMedia, type OpenTrack, type OpenTransport } from './open-media.ts';
import { PacketMeter, packetsOf } from './packet-meter.ts';
import { FlowWatch, type Mend } from './pictures/flow-watch.ts';
import { Forwarding } from './pictures/forwarding.ts';
import { limitKeyFrames } from './pictures/key-frame-limit.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What consumers are made with. */
interface Parts {
  readonly pool: WorkerPool;
  readonly calls: EngineCalls;
  readonly transports: Pick<OpenMedia<OpenTransport>, 'need'>;
  readonly tracks: Pick<OpenMedia<OpenTrack>, 'need'>;
  /** Whether packets of pictures are numbered for congestion control. */
  readonly transportCc: boolean;
  readonly log: MediaLog;
  /** Where to tell what happens to consumers. */
  readonly told: Pick<MediaEvents, 'keyFramesExceeded' | 'pictureWaits' | 'pictureFrozen'>;
}

/** What goes out: one consumer of the engine for each track that a transport receives. */
export class Consumers {
  readonly all = new OpenMedia<OpenConsumer>('consumer');
  /** The packets of all consumers. */
  readonly forwarded = new PacketMeter();
  /** Frozen pictures that were set right so far. */
  readonly mended: Record<Mend, number> = { reset: 0, renewed: 0 };
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async open({
    consumerId,
    transportId,
    trackId,
    rtpCapabilities,
  }: Parameters<MediaPlane['openConsumer']>[0]): Promise<ConsumerOffer> {
    const { pool, calls, transports, tracks } = this.#parts;
    this.all.refuseTaken(consumerId);
    const transport = transports.need(transportId);
    const track = tracks.need(trackId);
    if (track.transport.placeId !== transport.placeId || track.transport.room !== transport.room)
      throw mediaUnavailable('The track and the transport are not on the same media worker and room.');
    const source = {
      packets: async () => packetsOf('outbound-rtp', await handle.askIfOpen((engine) => engine.getStats())),
    };
    const handle: OpenConsumer['handle'] = new EngineHandle({
      parents: [transport.handle, track.handle],
      watch: pool.watch(transport.placeId),
      open: async () => {
        const engine = await transport.handle.engine();
        await track.handle.engine();
        const estimate = this.#parts.transportCc && slotKind(track.slot) === 'video';
        const capabilities = receiverCapabilities(rtpCapabilities, track.mimeTypes, estimate);
        const low = !track.alignment.isDone;
        const made = await engine.consume({
          producerId: trackId,
          rtpCapabilities: capabilities,
          paused: true,
          ...(low && { preferredLayers: { spatialLayer: 0 } }),
          // By itself the engine resends pictures only. A sound that lost 5 % of its packets lacks 0.1 % with it.
          enableRtx: true,
        });
        if (made.kind === 'video') this.#watch(made, { consumerId, transportId, track, consumer });
        if (low) raiseLater(made, consumer);
        return made;
      },
      onEnd: () => {
        this.all.remove(consumerId, consumer);
        transport.consumers.delete(consumer);
        this.forwarded.remove(source);
      },
    });
    const consumer: OpenConsumer = { transport, handle, track, forwarding: new Forwarding(handle, calls) };
    this.all.add(consumerId, consumer);
    if (!handle.ended) transport.consumers.add(consumer);
    pool.opened(transport.placeId);
    this.forwarded.add(source);
    const { kind, rtpParameters } = await calls.opened(handle, 'rtpParametersInvalid');
    return {
      consumerId,
      transportId,
      trackId,
      kind,
      rtpParameters: offered(rtpParameters, track) as ConsumerOffer['rtpParameters'],
    };
  }

  async resume(consumerId: string): Promise<void> {
    await this.all.need(consumerId).forwarding.ready();
  }

  async setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void> {
    const consumer = this.all.need(consumerId);
    consumer.spatialLayer = spatialLayer;
    if (consumer.isLow) return;
    await this.#parts.calls.asked(consumer.handle, (engine) => engine.setPreferredLayers({ spatialLayer }));
  }

  /** Pictures need key frames, and may be more than a link carries. */
  #watch(engine: types.Consumer, { consumerId, transportId, track, consumer }: Watched): void {
    const { told, log } = this.#parts;
    const { transport, forwarding } = consumer;
    const { room } = transport;
    limitKeyFrames(engine, forwarding, track.waits, () =>
      told.keyFramesExceeded(room, transportId, consumerId),
    );
    new FlowWatch({
      engine,
      forwarding,
      transport,
      track,
      log,
      waits: (waits) => told.pictureWaits(room, transportId, consumerId, waits),
      mended: (mend) => {
        this.mended[mend]++;
        if (mend === 'renewed') told.pictureFrozen(room, transportId, consumerId);
      },
    });
  }
}

interface Watched {
  readonly consumerId: string;
  readonly transportId: string;
  readonly track: OpenTrack;
  readonly consumer: OpenConsumer;
}

/** What a client is told: of a picture of one encoding the layers that are sent, not those that the engine was told of. */
function offered(parameters: types.RtpParameters, { onlyEncoding }: OpenTrack): types.RtpParameters {
  if (!onlyEncoding) return parameters;
  const encodings = parameters.encodings?.map(({ scalabilityMode: _told, ...encoding }) => ({
    ...encoding,
    ...(onlyEncoding.scalabilityMode && { scalabilityMode: onlyEncoding.scalabilityMode }),
  }));
  return { ...parameters, ...(encodings && { encodings }) };
}

/** As long as the encodings of its track cannot be aligned a receiver gets the lowest one, with which it was made. */
function raiseLater(engine: types.Consumer, consumer: OpenConsumer): void {
  const { track } = consumer;
  consumer.isLow = true;
  const leave = track.alignment.wait(() => {
    consumer.isLow = false;
    const { spatialLayer = limits.encodings[track.slot] - 1 } = consumer;
    consumer.handle.askIfOpen(() => engine.setPreferredLayers({ spatialLayer })).catch(() => {});
  });
  engine.observer.once('close', leave);
}
