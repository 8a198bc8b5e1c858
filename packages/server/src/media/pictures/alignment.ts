import { setImmediate as nextTurn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';
import { NewFrames } from './new-frames.ts';
import type { ProducerTraces } from './producer-traces.ts';

/** So many reports tell the engine (3.27.1) how the sender's clock and its own differ. */
const REPORTS = 3;
/** How long to wait for frames until the sender is asked for a key frame, in ms: of a still screen it sends none by itself. */
const PATIENCE_MS = 150;
/** How long to wait until it is asked again, in ms. */
const AGAIN_MS = 600;
/** It is asked so often at the most. */
const MOST_ASKED = 5;
/** So many receivers are told in one turn of the event loop. */
const AT_ONCE = 50;

/** A receiver that gets the lowest encoding for now. */
export interface LowReceiver {
  /** It may be given the others. Throws nothing. */
  readonly raise: () => void;
  /** The sender is to be asked for a key frame. Throws nothing. */
  readonly askKeyFrame: () => void;
}

/**
 * Whether the engine can align the encodings of a track in time. For that it needs reports of the sender on each encoding, and then
 * the beginning of a frame of each. A receiver that gets another encoding before the engine has them of its present one gets
 * timestamps that leap, half of the time back. Then the engine (3.27.1) keeps none of the packets that follow, and sends nothing again
 * that such a receiver misses.
 */
export class Alignment {
  readonly #waiting = new Set<LowReceiver>();
  #traces: ProducerTraces | undefined;
  /** SSRCs of the encodings that arrive. */
  #arriving: ReadonlySet<number> = new Set();
  /** SSRCs of the encodings of which a report has come. */
  readonly #reported = new Set<number>();
  #reports = 0;
  #lastReportAt = 0;
  #frames: NewFrames | undefined;
  #stop: (() => void) | undefined;
  #isDone: boolean;

  /** A track with a single encoding has nothing to align. */
  constructor(encodings: number) {
    this.#isDone = encodings < 2;
  }

  /** A receiver that begins now may be given any encoding: the first key frame that it gets is all that is missing. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Listens to what arrives of the track. */
  watch(producer: types.Producer, traces: ProducerTraces): void {
    if (this.#isDone) return;
    this.#traces = traces;
    producer.on('score', (scores) => this.#arrived(scores));
    producer.observer.once('close', () => {
      this.#stop?.();
      this.#waiting.clear();
    });
    this.#tellMe('sr');
  }

  /** Raises a receiver when that may be, in a later turn of the event loop. Returns the undo. */
  wait(receiver: LowReceiver): () => void {
    this.#waiting.add(receiver);
    if (this.#isDone) setImmediate(() => this.#awaitFrames());
    return () => this.#waiting.delete(receiver);
  }

  /** Each encoding that begins has a report of its own to come; none comes of one that has ended. */
  #arrived(scores: readonly types.ProducerScore[]): void {
    this.#arriving = new Set(scores.filter(({ score }) => score > 0).map(({ ssrc }) => ssrc));
    if (this.#isDone && !this.#areIn(this.#reported)) {
      this.#isDone = false;
      this.#endFrames();
      this.#tellMe('sr');
    }
    this.#check();
  }

  #areIn(ssrcs: ReadonlySet<number>): boolean {
    return [...this.#arriving].every((ssrc) => ssrcs.has(ssrc));
  }

  readonly #heard = ({ type, timestamp: at, info }: types.ProducerTraceEventData): void => {
    if (type === 'sr') {
      const { ssrc } = info as unknown as { readonly ssrc: number };
      this.#reportCame(ssrc, at);
    } else if (type === 'rtp' || type === 'keyframe') {
      const { rtpPacket } = info as unknown as { readonly rtpPacket: { ssrc: number; timestamp: number } };
      this.#frames?.came({ ...rtpPacket, beginsKeyFrame: type === 'keyframe' });
      this.#check();
    }
  };

  #reportCame(ssrc: number, at: number): void {
    // The engine counts those that came in one packet once.
    if (at !== this.#lastReportAt) this.#reports++;
    this.#lastReportAt = at;
    this.#reported.add(ssrc);
    this.#check();
  }

  #check(): void {
    if (this.#frames) {
      if (this.#areIn(this.#frames.begun)) this.#framesCame();
    } else if (!this.#isDone && this.#reports >= REPORTS && this.#areIn(this.#reported)) {
      this.#isDone = true;
      this.#awaitFrames();
    }
  }

  /** Listens to the packets for a moment: of those who wait nobody began with a frame that the engine can align. */
  #awaitFrames(): void {
    if (this.#frames || !this.#isDone) return;
    if (this.#waiting.size === 0) {
      this.#tellMe();
      return;
    }
    this.#frames = new NewFrames();
    this.#tellMe('rtp', 'keyframe');
    this.#askAfter(PATIENCE_MS, MOST_ASKED);
  }

  #askAfter(ms: number, times: number): void {
    this.#stop = systemClock.after(ms, () => {
      const [receiver] = this.#waiting;
      if (!receiver || times === 0) {
        this.#framesCame();
      } else {
        // The next time it is another's turn: of one that is paused the engine asks nothing.
        this.#waiting.delete(receiver);
        this.#waiting.add(receiver);
        receiver.askKeyFrame();
        this.#askAfter(AGAIN_MS, times - 1);
      }
    });
  }

  #framesCame(): void {
    this.#endFrames();
    this.#tellMe();
    void this.#raise();
  }

  #endFrames(): void {
    this.#stop?.();
    this.#frames = undefined;
  }

  /** What the engine is to tell of what arrives. */
  #tellMe(...kinds: types.ProducerTraceEventType[]): void {
    this.#traces?.tell(this.#heard, ...kinds);
  }

  async #raise(): Promise<void> {
    let told = 0;
    for (const receiver of this.#waiting) {
      this.#waiting.delete(receiver);
      receiver.raise();
      if (++told % AT_ONCE === 0) await nextTurn();
    }
  }
}
