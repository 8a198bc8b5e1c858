import type { types } from 'mediasoup';
import { answeredWithin, looksIn } from '../../patience.ts';
import type { StartedWorker } from './worker-session.ts';

/** After so many closed objects, or so many ms, a worker is asked for an answer: it shows what has been done. */
const MARK_OBJECTS = 50;
const MARK_MS = 20;
/** A worker that sends notices but no answer is given so many times as long as a silent one. */
const TALKING = 10;

/** Whether a worker is at work: it does what it is asked in order, so each answer says that everything asked before is done. */
export class WorkerAnswers {
  readonly #worker: types.Worker;
  readonly #said: () => number;
  readonly #giveUp: (error: unknown) => void;
  /** Answers from it to what was asked here. */
  #answers = 0;
  /** Objects that it was told to close since it was last asked for an answer, and when that was. */
  #objects = 0;
  #markedAt = 0;

  /** `giveUp` is called when the worker cannot be asked. */
  constructor({ worker, said }: StartedWorker, giveUp: (error: unknown) => void) {
    this.#worker = worker;
    this.#said = said;
    this.#giveUp = giveUp;
  }

  /** It answered something that was asked elsewhere. */
  answered(): void {
    this.#answers++;
  }

  /**
   * A closing was sent to it, with which so many of its objects go: a track that many receive is as much work as many closings.
   * After some of them it is asked for an answer.
   */
  closing(objects: number): void {
    const now = performance.now();
    this.#objects += objects;
    if (this.#objects < MARK_OBJECTS && now - this.#markedAt < MARK_MS) return;
    this.#objects = 0;
    this.#markedAt = now;
    this.#worker.getResourceUsage().then(() => this.answered(), this.#giveUp);
  }

  /**
   * Whether the worker has done in time what was asked of it before. One that ends meanwhile has. `ms` is for one that says nothing:
   * the time begins anew with each answer to something else. When it says anything at all it is at work too, for it tells of each
   * consumer that goes with a track before it answers; but that proves less, and counts for ten times as long at most.
   */
  confirm(ms: number): Promise<boolean> {
    const worker = this.#worker;
    const confirmed = worker.getResourceUsage().then(
      () => true,
      () => worker.closed || worker.died,
    );
    let answers = this.#answers;
    let said = this.#said();
    let unanswered = 0;
    return answeredWithin(ms, confirmed, () => {
      const isAnswering = this.#answers !== answers;
      const isTalking = this.#said() !== said;
      answers = this.#answers;
      said = this.#said();
      unanswered = isAnswering ? 0 : unanswered + 1;
      return isAnswering || (isTalking && unanswered < TALKING * looksIn(ms)) ? 'anew' : 'on';
    });
  }
}
