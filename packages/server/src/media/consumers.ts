import { type ConsumerOffer, limits } from '@roomkey/protocol';
import { slotKind } from '@roomkey/tickets/permissions';
import type { types } from 'mediasoup';
import type { EventLoopShare } from '../event-loop-share.ts';
import type { MediaEvents, MediaPlane } from '../ports/index.ts';
import { receiverCapabilities } from './codecs.ts';
import { hasLayers } from './consumable-encodings.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineHandle } from './engine-handle.ts';
import { mediaUnavailable } from './media-error.ts';
import { type OpenConsumer, OpenMedia, type OpenTrack, type OpenTransport } from './open-media.ts';
import { PacketMeter, packetsOf } from './packet-meter.ts';
import { FlowWatch } from './pictures/flow-watch.ts';
import { Forwarding } from './pictures/forwarding.ts';
import { HighestLayer } from './pictures/highest-layer.ts';
import { KeyFrameLimit } from './pictures/key-frame-limit.ts';
import type { Mend } from './pictures/mend-log.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What consumers are made with. */
interface Parts {
  readonly pool: WorkerPool;
  readonly calls: EngineCalls;
  readonly transports: Pick<OpenMedia<OpenTransport>, 'need'>;
  readonly tracks: Pick<OpenMedia<OpenTrack>, 'need'>;
  /** Whether packets of pictures are numbered for congestion control. */
  readonly transportCc: boolean;
  readonly share: EventLoopShare;
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
        const { consumableRtpParameters: sent } = await track.handle.engine();
        const estimate = this.#parts.transportCc && slotKind(track.slot) === 'video';
        const capabilities = receiverCapabilities(rtpCapabilities, track.mimeTypes, estimate);
        const made = await engine.consume({
          producerId: trackId,
          rtpCapabilities: capabilities,
          paused: true,
          ...(low && { preferredLayers: { spatialLayer: 0 } }),
          // By itself the engine resends pictures only. A sound that lost 5 % of its packets lacks 0.1 % with it.
          enableRtx: true,
        });
        if (made.kind === 'video') {
          keyFrames.watch(made);
          if (hasLayers(sent.encodings ?? [])) this.#watch(made, { consumerId, transportId, consumer });
        }
        if (low) raiseLater(made, consumer);
        return made;
      },
      onEnd: () => {
        this.all.remove(consumerId, consumer);
        transport.consumers.delete(consumer);
        this.forwarded.remove(source);
        keyFrames.stop();
      },
    });
    const forwarding = new Forwarding(handle, calls);
    const low = !track.alignment.isDone;
    const tell = (spatialLayer: number) =>
      void handle.ask((engine) => engine.setPreferredLayers({ spatialLayer })).catch(() => {});
    const highest = new HighestLayer(limits.encodings[track.slot] - 1, tell, low ? [track.alignment] : []);
    const keyFrames = new KeyFrameLimit({
      forwarding,
      guard: track.guards.of(transport),
      waits: track.waits,
      turns: track.turns,
      exceeded: () => this.#parts.told.keyFramesExceeded(transport.room, transportId, consumerId),
    });
    const consumer: OpenConsumer = { transport, handle, track, forwarding, highest, keyFrames };
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
    const { track, forwarding, keyFrames } = this.all.need(consumerId);
    if (slotKind(track.slot) === 'video') keyFrames.begin();
    await forwarding.ready();
  }

  async setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void> {
    const { handle, highest, keyFrames } = this.all.need(consumerId);
    const isOther = highest.wish(spatialLayer);
    if (highest.isHeld) return;
    const change = () =>
      this.#parts.calls.asked(handle, (engine) => engine.setPreferredLayers({ spatialLayer: highest.say() }));
    await keyFrames.change(change, isOther);
  }

  /** A picture may be more than a link carries, and may not come. */
  #watch(engine: types.Consumer, { consumerId, transportId, consumer }: Watched): void {
    const { told, share } = this.#parts;
    const { transport, forwarding, highest, track } = consumer;
    const { room } = transport;
    new FlowWatch({
      engine,
      forwarding,
      highest,
      transport,
      track,
      share,
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
function raiseLater(engine: types.Consumer, { handle, highest, track: { alignment } }: OpenConsumer): void {
  const leave = alignment.wait({
    raise: () => highest.release(alignment),
    askKeyFrame: () => void handle.askIfOpen(() => engine.requestKeyFrame()).catch(() => {}),
  });
  engine.observer.once('close', leave);
}
