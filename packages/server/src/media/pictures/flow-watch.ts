import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';
import type { MediaLog } from '../media-log.ts';
import type { OpenTrack, OpenTransport } from '../open-media.ts';
import type { Forwarding } from './forwarding.ts';

/** How often a picture that does not flow is looked at, in ms. */
const LOOK_MS = 1_000;
/** A picture that has not flowed in so many looks, though nothing forbids it, is set right. After it was renewed they are rarer. */
const FROZEN_LOOKS = 3;
/** How often the link is probed for a picture that does not fit, in ms. */
const PROBE_MS = 2_000;

/** A picture that flows for so long has found its place on the link, in ms. */
const LASTING_MS = 10_000;

/** What a frozen picture was mended with: its consumer began anew, or it was made anew. */
export type Mend = 'reset' | 'renewed';

/** What a watch works with. */
interface Parts {
  readonly engine: types.Consumer;
  readonly forwarding: Forwarding;
  readonly transport: OpenTransport;
  readonly track: OpenTrack;
  readonly log: MediaLog;
  /** The picture waits for a wider link, or no longer. */
  readonly waits: (waits: boolean) => void;
  /** The picture was frozen. */
  readonly mended: (mend: Mend) => void;
}

/**
 * Sees to it that a picture which should flow does, or is told to wait. The engine says when the layers of a consumer change: one that
 * has none is looked at, as long as its sender sends something, until it has some. So a picture that flows costs nothing.
 */
export class FlowWatch {
  readonly #parts: Parts;
  #stop: (() => void) | undefined;
  /** Looks at a picture that could flow and does not. */
  #frozenLooks = 0;
  #mends = 0;
  #waits = false;
  /** Since when it flows, in ms of a monotonic clock. */
  #flowsSince: number | undefined;
  /** How often it has stopped soon after it began. */
  #stops = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { engine, forwarding, transport, track } = parts;
    forwarding.onFlow = () => this.#begin();
    transport.link.add(engine, async () => (await track.least.get()) ?? 0);
    engine.on('layerschange', (layers) => (layers ? this.#flowing() : this.#stopped()));
    engine.on('producerresume', () => this.#begin());
    engine.on('score', () => this.#begin());
    engine.observer.once('close', () => this.#stop?.());
  }

  get #isMissing(): boolean {
    const { engine, forwarding } = this.#parts;
    return forwarding.flows && !engine.closed && !engine.producerPaused && engine.currentLayers === undefined;
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

  #flowing(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#mends = 0;
    const { transport, track } = this.#parts;
    if (this.#flowsSince === undefined && track.slot === 'screen') transport.link.pageBegins();
    this.#flowsSince ??= performance.now();
    track.renewals.flows(transport);
    this.#tell(false);
  }

  #stopped(): void {
    const flowed = performance.now() - (this.#flowsSince ?? performance.now());
    this.#flowsSince = undefined;
    this.#stops = flowed < LASTING_MS ? this.#stops + 1 : 0;
    this.#begin();
  }

  async #look(): Promise<void> {
    const { transport, track } = this.#parts;
    const { link } = transport;
    const needed = await track.least.get();
    if (this.#stop || !this.#isMissing) return;
    // Its sender sends nothing: the engine tells a score as soon as it does.
    if (needed === undefined) return;
    const [available, taken] = await Promise.all([link.available(), link.taken()]);
    if (this.#stop || !this.#isMissing) return;
    if (available !== undefined && available < taken + needed) {
      // Sound goes first.
      this.#tell(true);
      link.probe(taken + needed);
      // Each attempt of a screen is a whole page, which costs the sound.
      this.#next(track.slot === 'screen' ? PROBE_MS * 2 ** Math.min(this.#stops, 2) : PROBE_MS);
    } else if (++this.#frozenLooks < FROZEN_LOOKS) {
      this.#next(track.renewals.lookMs(transport));
    } else {
      this.#mend({ needed, available });
    }
  }

  #mend(why: { readonly needed: number; readonly available: number | undefined }): void {
    const { engine, forwarding, transport, track, log, mended } = this.#parts;
    const mend: Mend = this.#mends++ === 0 ? 'reset' : 'renewed';
    log('warn', 'a picture did not reach a receiver', {
      mend,
      track: track.trackId,
      slot: track.slot,
      type: engine.type,
      score: engine.score.producerScore,
      scores: engine.score.producerScores.join(' '),
      needed: why.needed,
      available: why.available ?? 0,
    });
    mended(mend);
    this.#frozenLooks = 0;
    if (mend === 'reset') {
      forwarding.reset();
      this.#next(LOOK_MS);
    } else {
      track.renewals.renewed(transport);
    }
  }

  #tell(waits: boolean): void {
    if (this.#waits === waits) return;
    this.#waits = waits;
    this.#parts.waits(waits);
  }
}
