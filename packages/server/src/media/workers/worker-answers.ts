import type { types } from 'mediasoup';
import { answeredWithin } from '../../patience.ts';

/** After so many closings, or so many ms, a worker is asked for an answer at the next one: it shows what has been done. */
const MARK_CLOSINGS = 50;
const MARK_MS = 20;

/** Whether a worker is at work: it does what it is asked in order, so each answer says that everything asked before is done. */
export class WorkerAnswers {
  readonly #worker: types.Worker;
  readonly #giveUp: (error: unknown) => void;
  /** Answers from it to what was asked here. */
  #answers = 0;
  /** Closings sent to it since it was last asked for an answer, and when that was. */
  #closings = 0;
  #markedAt = 0;

  /** `giveUp` is called when the worker cannot be asked. */
  constructor(worker: types.Worker, giveUp: (error: unknown) => void) {
    this.#worker = worker;
    this.#giveUp = giveUp;
  }

  /** It answered something that was asked elsewhere. */
  answered(): void {
    this.#answers++;
  }

  /** A closing was sent to it: after some of them it is asked for an answer. */
  closing(): void {
    const now = performance.now();
    this.#closings++;
    if (this.#closings < MARK_CLOSINGS && now - this.#markedAt < MARK_MS) return;
    this.#closings = 0;
    this.#markedAt = now;
    this.#worker.getResourceUsage().then(() => this.answered(), this.#giveUp);
  }

  /** Whether the worker has done in time what was asked of it before. One that ends meanwhile has. */
  confirm(ms: number): Promise<boolean> {
    const worker = this.#worker;
    const confirmed = worker.getResourceUsage().then(
      () => true,
      () => worker.closed || worker.died,
    );
    let answers = this.#answers;
    return answeredWithin(ms, confirmed, () => {
      // It has answered what was asked before, so it is at work on much, and its time begins anew.
      const isAtWork = this.#answers !== answers;
      answers = this.#answers;
      return isAtWork ? 'anew' : 'on';
    });
  }
}
