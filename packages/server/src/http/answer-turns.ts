/** Milliseconds of one turn of the event loop for the work of all requests together. */
const TURN_MS = 6;

/**
 * Divides the work of all requests over turns of the event loop, first come first served: however many come at once, in
 * each turn there is time for members. A piece of work ends when no microtask is left of it; what it waits for beyond that
 * is not waited for here.
 */
export class AnswerTurns {
  readonly #now: () => number;
  #waiting: (() => void)[] = [];
  #running = false;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does a piece of work, which throws nothing, in a later turn. */
  later(work: () => void): void {
    this.#waiting.push(work);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    const until = this.#now() + TURN_MS;
    const due = this.#waiting;
    this.#waiting = [];
    let done = 0;
    const next = (): void => {
      if (done === due.length || (done > 0 && this.#now() >= until)) {
        this.#end(due.slice(done));
        return;
      }
      due[done++]?.();
      // Ticks run when no microtask is left.
      queueMicrotask(() => process.nextTick(next));
    };
    next();
  }

  /** What had no time is first in the next turn. */
  #end(left: (() => void)[]): void {
    this.#waiting = [...left, ...this.#waiting];
    this.#running = this.#waiting.length > 0;
    if (this.#running) setImmediate(() => this.#turn());
  }
}
