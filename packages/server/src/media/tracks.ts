import type { types } from 'mediasoup';
import type { EventLoopShare } from '../event-loop-share.ts';
import { LogSampler } from '../log-sampler.ts';
import type { MediaPlane } from '../ports/index.ts';
import { consumableEncodings, producedEncodings } from './consumable-encodings.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineHandle } from './engine-handle.ts';
import type { MediaLog } from './media-log.ts';
import { OpenMedia, type OpenTrack, type OpenTransport } from './open-media.ts';
import { PacketMeter, packetsOf } from './packet-meter.ts';
import { Alignment } from './pictures/alignment.ts';
import { KeyFrameGuards } from './pictures/key-frame-guards.ts';
import { KEY_FRAME_EVERY_MS, KeyFrameTurns } from './pictures/key-frame-turns.ts';
import { MendLog } from './pictures/mend-log.ts';
import { ProducerTraces } from './pictures/producer-traces.ts';
import { Recent } from './pictures/recent.ts';
import { Renewals } from './pictures/renewals.ts';
import { WaitingReceivers } from './pictures/waiting-receivers.ts';
import type { RateWatch } from './rate-watch.ts';
import { sentMimeTypes, trackParameters } from './track-parameters.ts';
import type { WorkerPool } from './workers/worker-pool.ts';

/** What tracks are made with. */
interface Parts {
  readonly pool: WorkerPool;
  readonly calls: EngineCalls;
  readonly transports: Pick<OpenMedia<OpenTransport>, 'need'>;
  readonly rates: RateWatch;
  readonly share: EventLoopShare;
  readonly log: MediaLog;
}

/** Receivers who cannot get a track share its bitrate for so long, in ms. */
const RECENT_MS = 1_000;

/** The tracks that come in: one producer of the engine for each. */
export class Tracks {
  readonly all = new OpenMedia<OpenTrack>('track');
  /** The packets of all tracks. */
  readonly received = new PacketMeter();
  readonly #parts: Parts;
  readonly #mendSampler = new LogSampler();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async open({
    trackId,
    transportId,
    kind,
    slot,
    rtpParameters,
  }: Parameters<MediaPlane['openTrack']>[0]): Promise<void> {
    const { pool, calls, transports, rates, share, log } = this.#parts;
    this.all.refuseTaken(trackId);
    const transport = transports.need(transportId);
    const parameters = trackParameters(kind, rtpParameters);
    const { encodings = [] } = parameters;
    const codec = parameters.codecs[0]?.mimeType ?? '';
    const source = {
      packets: async () => packetsOf('inbound-rtp', await handle.askIfOpen((engine) => engine.getStats())),
    };
    const handle: OpenTrack['handle'] = new EngineHandle({
      parents: [transport.handle],
      watch: pool.watch(transport.placeId),
      open: async () => {
        const engine = await transport.handle.engine();
        const producer = await engine.produce({
          id: trackId,
          kind,
          rtpParameters: { ...parameters, encodings: [...producedEncodings(slot, codec, encodings)] },
          paused: true,
          keyFrameRequestDelay: KEY_FRAME_EVERY_MS,
        });
        if (kind === 'video') {
          const traces = new ProducerTraces(producer);
          alignment.watch(producer, traces);
          turns.watch(traces);
        }
        return withKeptParameters(producer);
      },
      onEnd: () => {
        this.all.remove(trackId, track);
        transport.tracks.delete(track);
        rates.forget(trackId);
        mends.flush();
        this.received.remove(source);
      },
    });
    const alignment = new Alignment(encodings.length);
    const mimeTypes = sentMimeTypes(kind, parameters);
    const guards = new KeyFrameGuards();
    const waits = new WaitingReceivers(share);
    const turns = new KeyFrameTurns(share);
    const renewals = transport.renewals.get(slot) ?? new Renewals();
    transport.renewals.set(slot, renewals);
    const mends = new MendLog({
      log,
      sampler: this.#mendSampler,
      sender: transportId,
      track: { track: trackId, slot },
    });
    const [first, ...others] = encodings;
    const onlyEncoding = others.length === 0 ? first : undefined;
    const least = new Recent(RECENT_MS, async () =>
      leastBitrate((await handle.askIfOpen((engine) => engine.getStats())) ?? []),
    );
    const told = { trackId, transport, slot, mimeTypes, onlyEncoding };
    const track: OpenTrack = {
      ...told,
      handle,
      isPaused: true,
      alignment,
      guards,
      waits,
      turns,
      least,
      renewals,
      mends,
    };
    this.all.add(trackId, track);
    pool.opened(transport.placeId);
    transport.tracks.add(track);
    this.received.add(source);
    await calls.opened(handle, 'rtpParametersInvalid');
  }

  async setPaused(trackId: string, paused: boolean): Promise<void> {
    const track = this.all.need(trackId);
    track.isPaused = paused;
    await this.#parts.calls.asked(track.handle, (engine) => (paused ? engine.pause() : engine.resume()));
  }
}

/**
 * The engine reads a track's parameters twice for each consumer, and copies all of them each time, though they never change. Here
 * they are kept, with the encodings that consumers are to be told of.
 */
function withKeptParameters(producer: types.Producer): types.Producer {
  const { kind, consumableRtpParameters: parameters } = producer;
  const { codecs, encodings = [] } = parameters;
  const told = consumableEncodings(kind, codecs[0]?.mimeType ?? '', encodings);
  const value = { ...parameters, encodings: [...told] };
  return Object.defineProperty(producer, 'consumableRtpParameters', { value });
}

/** Bits per second of the least of the encodings and layers that arrive; undefined when none does. */
function leastBitrate(streams: readonly types.ProducerStat[]): number | undefined {
  const least = streams
    .map(({ bitrate, bitrateByLayer }) => bitrateByLayer['0.0'] || bitrate)
    .filter((bitrate) => bitrate > 0);
  return least.length > 0 ? Math.min(...least) : undefined;
}
