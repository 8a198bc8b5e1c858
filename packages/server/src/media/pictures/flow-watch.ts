import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';
import type { MediaLog } from '../media-log.ts';
import type { OpenTrack, OpenTransport } from '../open-media.ts';
import type { Forwarding } from './forwarding.ts';
import { ReturnWait } from './return-wait.ts';

/** How often a picture that does not flow is looked at, in ms. */
const LOOK_MS = 1_000;
/** A picture that has not flowed in so many looks, though nothing forbids it, is set right. */
const FROZEN_LOOKS = 3;
/** Longest time between looks at a picture whose sender sends nothing, in ms. */
const LONGEST_LOOK_MS = 10_000;
/** How long a picture that did not fit is tried again, in ms. */
const TRY_MS = 3_000;

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
 * has none is looked at until it has some. So a picture that flows costs nothing.
 */
export class FlowWatch {
  readonly #parts: Parts;
  readonly #returns = new ReturnWait();
  #stop: (() => void) | undefined;
  /** Looks at a picture that could flow and does not. */
  #frozenLooks = 0;
  #emptyLooks = 0;
  #mends = 0;
  #waits = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { engine, forwarding } = parts;
    forwarding.onFlow = () => this.#begin();
    engine.on('layerschange', (layers) => (layers ? this.#flowing() : this.#begin()));
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
    this.#emptyLooks = 0;
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
    this.#returns.returned(performance.now());
    this.#tell(false);
  }

  async #look(): Promise<void> {
    const { needed, isSent } = await this.#needed();
    const available = await this.#available();
    if (this.#stop || !this.#isMissing) return;
    if (!isSent) {
      this.#emptyLooks++;
      this.#next(Math.min(LONGEST_LOOK_MS, LOOK_MS * this.#emptyLooks));
    } else if (available !== undefined && available < needed) {
      this.#wait(needed, available);
    } else if (++this.#frozenLooks < FROZEN_LOOKS) {
      this.#next(LOOK_MS);
    } else {
      this.#mend({ needed, available });
    }
  }

  /** The picture does not fit: sound goes first. It is tried again after a wait that grows, and held when it went and came. */
  #wait(needed: number, available: number): void {
    const { forwarding } = this.#parts;
    const { ms, holds } = this.#returns.next(performance.now());
    this.#tell(true);
    if (holds) forwarding.hold('narrowLink');
    this.#stop = systemClock.after(ms, () => {
      this.#stop = undefined;
      forwarding.release('narrowLink');
      if (this.#isMissing) this.#try(needed, available);
    });
  }

  /** The engine's estimate does not grow while nothing is sent, so for a moment it is told to send as much. */
  #try(needed: number, available: number): void {
    const { transport } = this.#parts;
    const ask = (bitrate: number) =>
      transport.handle.askIfOpen((engine) => engine.setMinOutgoingBitrate(bitrate)).catch(() => {});
    this.#next(TRY_MS);
    if (transport.trying) return;
    transport.trying = true;
    void ask(Math.round(1.1 * Math.max(needed, LEAST_BITRATE, Math.min(available, 2 * needed))));
    systemClock.after(TRY_MS, () => {
      transport.trying = false;
      void ask(0);
    });
  }

  #mend(why: { readonly needed: number; readonly available: number | undefined }): void {
    const { engine, forwarding, track, log, mended } = this.#parts;
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
    }
  }

  #tell(waits: boolean): void {
    if (this.#waits === waits) return;
    this.#waits = waits;
    this.#parts.waits(waits);
  }

  /** Bits per second of the least that the track can be received with, and whether it brings anything. */
  async #needed(): Promise<{ needed: number; isSent: boolean }> {
    const streams = (await this.#parts.track.handle.askIfOpen((engine) => engine.getStats())) ?? [];
    const sent = streams.filter(({ bitrate }) => bitrate > 0);
    const least = sent.map(({ bitrate, bitrateByLayer }) => bitrateByLayer['0.0'] || bitrate);
    return { needed: Math.min(...least), isSent: sent.length > 0 };
  }

  /** What the link carries of pictures; undefined without an estimate. */
  async #available(): Promise<number | undefined> {
    const stats = await this.#parts.transport.handle.askIfOpen((engine) => engine.getStats());
    return stats?.[0]?.availableOutgoingBitrate;
  }
}

/** The engine takes no less than this as the least bitrate, in bit/s. */
const LEAST_BITRATE = 30_000;
