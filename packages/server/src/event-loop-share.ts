import { FairQueue } from './fair-queue.ts';

/** How much one turn of the event loop does for those who have much to do. */
export interface ShareLimits {
  /** Milliseconds for all of them together. */
  readonly ms: number;
  /** Units of work for one room. One unit is about one thing opened, closed or told. */
  readonly work: number;
  /** Notices that one room sends. */
  readonly notices: number;
  /** A change that concerns more than so many is left to later turns as a whole: deciding it has taken its time already. */
  readonly many: number;
  /** A change that concerns at most so many closes at once, although the turn has its work already. */
  readonly few: number;
}

const usual: ShareLimits = { ms: 6, work: 500, notices: 120, many: 100, few: 8 };

/** One job. It throws nothing, and ends at `until`. */
type Job = (until: number) => void;

/**
 * Shares the event loop of the process among those who have much to do: in each turn they have a few milliseconds
 * together, one after the other. Who has no time in one turn is first in the next. A job has ended when no microtask is left
 * of it; what it waits for beyond that is not waited for here.
 */
export class EventLoopShare {
  readonly limits: ShareLimits;
  /** The time in milliseconds. */
  readonly now: () => number;
  #waiting = new FairQueue<Job>();
  #running = false;

  constructor(limits: ShareLimits = usual, now: () => number = () => performance.now()) {
    this.limits = limits;
    this.now = now;
  }

  /**
   * Runs a job in a later turn. It asks again for what is left when its time is over. The jobs of one owner wait for each other,
   * and owners take turns; all jobs without an owner count as those of one.
   */
  later(job: Job, owner: unknown = this): void {
    this.#waiting.push(job, owner);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#turn());
  }

  /** The same after what others have to do in this turn: an immediate would come before their timers. */
  afterOthers(job: Job): void {
    setImmediate(() => this.later(job));
  }

  /** A turn of the event loop for those who have much to do, at the end of a piece of work. */
  async turn(): Promise<void> {
    await new Promise<number>((resolve) => this.later(resolve));
  }

  /** Does a job for each item, the first ones at once. Rejects with what the job throws; the rest is not done then. */
  each<T>(items: Iterable<T>, job: (item: T) => void): Promise<void> {
    const left = items[Symbol.iterator]();
    return new Promise((resolve, reject) => {
      let next = left.next();
      // Within the turn and not behind an `await`: what it takes of the turn counts, and others come first in the next one.
      const go = (until: number): void => {
        try {
          do {
            if (next.done) {
              resolve();
              return;
            }
            job(next.value);
            next = left.next();
          } while (next.done || this.now() < until);
          this.later(go);
        } catch (error) {
          left.return?.();
          reject(error);
        }
      };
      go(this.now() + this.limits.ms);
    });
  }

  #turn(): void {
    const until = this.now() + this.limits.ms;
    const due = this.#waiting;
    this.#waiting = new FairQueue();
    const next = (): void => {
      due.shift()?.(until);
      // Ticks run when no microtask is left.
      queueMicrotask(() =>
        process.nextTick(() => (due.isEmpty || this.now() >= until ? this.#end(due) : next())),
      );
    };
    next();
  }

  /** What had no time goes before what came meanwhile for the same owner. */
  #end(left: FairQueue<Job>): void {
    left.append(this.#waiting);
    this.#waiting = left;
    this.#running = !left.isEmpty;
    if (this.#running) setImmediate(() => this.#turn());
  }
}
