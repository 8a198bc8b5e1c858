import type { ConsumerOffer } from '@roomkey/protocol';
import type { types } from 'mediasoup';
import type { MediaPlane } from '../ports/index.ts';
import { receiverCapabilities } from './codecs.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineHandle } from './engine-handle.ts';
import { KeyFrameGuard } from './key-frame-guard.ts';
import { mediaUnavailable } from './media-error.ts';
import { type OpenConsumer, OpenMedia, type OpenTrack, type OpenTransport } from './open-media.ts';
import { PacketMeter, packetsOf } from './packet-meter.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What consumers are made with. */
interface Parts {
  readonly pool: WorkerPool;
  readonly calls: EngineCalls;
  readonly transports: Pick<OpenMedia<OpenTransport>, 'need'>;
  readonly tracks: Pick<OpenMedia<OpenTrack>, 'need'>;
  /** A receiver asks for too many key frames. Told once for each consumer. */
  readonly keyFramesExceeded: (room: string, transportId: string, consumerId: string) => void;
}

/** What goes out: one consumer of the engine for each track that a transport receives. */
export class Consumers {
  readonly all = new OpenMedia<OpenConsumer>('consumer');
  /** The packets of all consumers. */
  readonly forwarded = new PacketMeter();
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
        const producer = await track.handle.engine();
        // The engine shares one estimate among all pictures of a transport, so those that come beside
        // one with layers have to be in it. A screen often does; a camera with a single layer rarely.
        transport.estimates ||= producer.type !== 'simple' || track.slot === 'screen';
        const capabilities = receiverCapabilities(rtpCapabilities, track.mimeTypes, transport.estimates);
        const consumer = await engine.consume({
          producerId: trackId,
          rtpCapabilities: capabilities,
          paused: true,
        });
        if (consumer.kind === 'video')
          whenTooManyKeyFrames(consumer, () =>
            this.#parts.keyFramesExceeded(transport.room, transportId, consumerId),
          );
        return consumer;
      },
      onEnd: () => {
        this.all.remove(consumerId, consumer);
        this.forwarded.remove(source);
      },
    });
    const consumer: OpenConsumer = { transport, handle };
    this.all.add(consumerId, consumer);
    pool.opened(transport.placeId);
    this.forwarded.add(source);
    const { kind, rtpParameters } = await calls.opened(handle, 'rtpParametersInvalid');
    return {
      consumerId,
      transportId,
      trackId,
      kind,
      rtpParameters: rtpParameters as ConsumerOffer['rtpParameters'],
    };
  }

  async resume(consumerId: string): Promise<void> {
    await this.#parts.calls.asked(this.all.need(consumerId).handle, (engine) => engine.resume());
  }

  async setSpatialLayer(consumerId: string, spatialLayer: number): Promise<void> {
    const { handle } = this.all.need(consumerId);
    await this.#parts.calls.asked(handle, (engine) => engine.setPreferredLayers({ spatialLayer }));
  }
}

/** The engine tells of each request: so it costs what is asked for, and nothing where nobody asks. */
function whenTooManyKeyFrames(consumer: types.Consumer, tell: () => void): void {
  const guard = new KeyFrameGuard();
  const heard = ({ timestamp }: types.ConsumerTraceEventData) => {
    // By the engine's clock: requests that waited for this process did not come all at once.
    if (!guard.asked(timestamp)) return;
    consumer.off('trace', heard);
    tell();
  };
  consumer.on('trace', heard);
  // Nobody waits for it. When it fails, so does what is asked next, and that is heard.
  consumer.enableTraceEvent(['pli', 'fir']).catch(() => {});
}
