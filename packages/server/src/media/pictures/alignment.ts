import { setImmediate as nextTurn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';

/** How long a sender's first report of an encoding may take from its first packets on, in ms: browsers send one about every second. */
const REPORT_MS = 3_000;
/** So many receivers are told in one turn of the event loop. */
const AT_ONCE = 50;

/**
 * Whether the engine can align the encodings of a track in time, which it does by the sender's reports. A receiver that gets another
 * encoding before the report of its present one has come gets timestamps that leap, half of the time back. Then the engine (3.27.1)
 * keeps none of the packets that follow, and sends nothing again that such a receiver misses.
 */
export class Alignment {
  readonly #waiting = new Set<() => void>();
  /** How many encodings have arrived. */
  #encodings = 0;
  #stop: (() => void) | undefined;
  #isDone: boolean;

  /** A track with a single encoding has nothing to align. */
  constructor(encodings: number) {
    this.#isDone = encodings < 2;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Listens to what arrives of the track. */
  watch(producer: types.Producer): void {
    if (this.#isDone) return;
    producer.on('score', (scores) => this.#heard(scores.length));
    producer.observer.once('close', () => {
      this.#stop?.();
      this.#waiting.clear();
    });
  }

  /** Runs a job, which throws nothing, in a later turn of the event loop, when it is done. Returns the undo. */
  wait(job: () => void): () => void {
    this.#waiting.add(job);
    if (this.#isDone) setImmediate(() => void this.#tell());
    return () => this.#waiting.delete(job);
  }

  /** Each encoding that begins has a report of its own to come. */
  #heard(encodings: number): void {
    if (encodings <= this.#encodings) return;
    this.#encodings = encodings;
    this.#isDone = false;
    this.#stop?.();
    this.#stop = systemClock.after(REPORT_MS, () => void this.#done());
  }

  #done(): Promise<void> {
    this.#isDone = true;
    return this.#tell();
  }

  async #tell(): Promise<void> {
    let told = 0;
    for (const job of this.#waiting) {
      this.#waiting.delete(job);
      job();
      if (++told % AT_ONCE === 0) await nextTurn();
    }
  }
}
