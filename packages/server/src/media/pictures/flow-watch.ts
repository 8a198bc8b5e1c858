import type { types } from 'mediasoup';
import type { EventLoopShare } from '../../event-loop-share.ts';
import { systemClock } from '../../system-clock.ts';
import type { OpenTrack, OpenTransport } from '../open-media.ts';
import type { Forwarding } from './forwarding.ts';
import type { HighestLayer } from './highest-layer.ts';
import type { Mend } from './mend-log.ts';
import { ScreenWatch } from './screen-watch.ts';

/** How often a picture that does not flow is looked at, in ms. */
const LOOK_MS = 1_000;
/** A picture that has not flowed in so many looks, though nothing forbids it, is set right. After it was renewed they are rarer. */
const FROZEN_LOOKS = 3;
/** How often the link is probed for a picture that does not fit, in ms. */
const PROBE_MS = 2_000;

/** What a watch works with. */
interface Parts {
  /** One whose layers the engine tells: see `hasLayers`. */
  readonly engine: types.Consumer;
  readonly forwarding: Forwarding;
  readonly highest: HighestLayer;
  readonly transport: Pick<OpenTransport, 'link'>;
  readonly track: Pick<OpenTrack, 'slot' | 'least' | 'renewals' | 'mends' | 'turns' | 'isPaused'>;
  readonly share: EventLoopShare;
  /** The picture waits for a wider link, or no longer. */
  readonly waits: (waits: boolean) => void;
  /** The picture was frozen. */
  readonly mended: (mend: Mend) => void;
}

/** What a look at a picture that does not flow finds, in bit/s. */
interface Found {
  readonly needed: number;
  /** What the link is believed to carry; undefined without an estimate. */
  readonly available: number | undefined;
  readonly taken: number;
}

/**
 * Sees to it that a picture which should flow does, or is told to wait. The engine says when the layers of a consumer change: one that
 * has none is looked at, as long as its sender sends something, until it has some. So a picture that flows costs nothing.
 */
export class FlowWatch {
  readonly #parts: Parts;
  readonly #screen: ScreenWatch | undefined;
  #stop: (() => void) | undefined;
  /** Looks at a picture that could flow and does not. */
  #frozenLooks = 0;
  #mends = 0;
  #waits = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { engine, forwarding, transport, track } = parts;
    if (track.slot === 'screen') {
      const waiting = () => this.#tell(true);
      this.#screen = new ScreenWatch({ ...parts, link: transport.link, turns: track.turns, waiting });
    }
    forwarding.onFlow = () => this.#begin();
    transport.link.add(engine, async () => (await track.least.get()) ?? 0);
    engine.on('layerschange', (layers) => (layers ? this.#flowing(layers) : this.#stopped()));
    engine.on('producerresume', () => this.#begin());
    engine.on('score', () => this.#begin());
    engine.observer.once('close', () => this.#stop?.());
  }

  get #isMissing(): boolean {
    const { engine, forwarding, track } = this.#parts;
    const isSent = !track.isPaused && !engine.producerPaused && !engine.closed;
    return forwarding.flows && isSent && engine.currentLayers === undefined;
  }

  #begin(): void {
    if (this.#stop || !this.#isMissing) return;
    this.#frozenLooks = 0;
    this.#next(LOOK_MS);
  }

  #next(ms: number): void {
    this.#stop = systemClock.after(ms, () => {
      this.#stop = undefined;
      if (this.#isMissing) this.#look().catch(() => {});
    });
  }

  #flowing(layers: types.ConsumerLayers): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#mends = 0;
    const { transport, track } = this.#parts;
    track.renewals.flows(transport);
    this.#tell(false);
    this.#screen?.flows(layers);
  }

  #stopped(): void {
    if (this.#isMissing) this.#screen?.stopped();
    else this.#screen?.interrupted();
    this.#begin();
  }

  async #look(): Promise<void> {
    const { transport, track } = this.#parts;
    if (!transport.link.isConnected) {
      this.#stop = transport.link.whenConnected(() => this.#next(LOOK_MS));
      return;
    }
    const needed = await track.least.get();
    // Its sender sends nothing: the engine tells a score as soon as it does.
    if (needed === undefined) return;
    this.#later(() => void this.#lookAtLink(needed).catch(() => {}));
  }

  async #lookAtLink(needed: number): Promise<void> {
    const { link } = this.#parts.transport;
    const [available, taken] = await Promise.all([link.available(), link.taken()]);
    this.#later(() => this.#judge({ needed, available, taken }));
  }

  /** All receivers of a track hear at once what they asked: what each does then is divided over turns of the event loop. */
  #later(job: () => void): void {
    this.#parts.share.later(() => this.#ifMissing(job));
  }

  #ifMissing(job: () => void): void {
    if (!this.#stop && this.#isMissing) job();
  }

  #judge({ needed, available, taken }: Found): void {
    const { transport, track } = this.#parts;
    if (available !== undefined && available < taken + needed) {
      // Sound goes first.
      this.#tell(true);
      transport.link.probe(taken + needed);
      this.#next(PROBE_MS);
    } else if (++this.#frozenLooks < FROZEN_LOOKS) {
      this.#next(track.renewals.lookMs(transport));
    } else {
      this.#mend(needed, available);
    }
  }

  #mend(needed: number, available = 0): void {
    const { engine, forwarding, transport, track, mended } = this.#parts;
    const mend: Mend = this.#mends++ === 0 ? 'reset' : 'renewed';
    const { producerScore: score, producerScores } = engine.score;
    track.mends.add(mend, { score, scores: producerScores.join(' '), needed, available });
    track.renewals.mended(transport);
    mended(mend);
    if (mend === 'renewed') return;
    this.#frozenLooks = 0;
    forwarding.reset();
    this.#next(LOOK_MS);
  }

  #tell(waits: boolean): void {
    if (this.#waits === waits) return;
    this.#waits = waits;
    this.#parts.waits(waits);
  }
}
