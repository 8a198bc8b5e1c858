import type { EventLoopShare } from '../../event-loop-share.ts';

/** How a job for an item is divided. */
interface Division<T> {
  /** How much work it is, as it is when its time has come; one unit by default. */
  readonly work?: (item: T) => number;
  /** What is to be done right behind the job, step by step, each one unit of work. */
  readonly steps?: (item: T) => Iterable<() => void>;
}

/** What is to be done, one thing after the other. */
interface Line {
  /** Does the next thing, and says how much work it was; undefined: nothing is left. */
  next(): number | undefined;
  /** Whether the next thing is a step behind a job. */
  readonly isAtStep: boolean;
}

/**
 * Work for many members, divided over turns of the event loop, so that nobody else waits for it. What fits into the
 * present turn is done at once. What closes something goes before what opens something, however long that waits already.
 */
export class Batches {
  readonly #fault: (error: unknown) => void;
  readonly #share: EventLoopShare;
  readonly #closing: Line[] = [];
  readonly #opening: Line[] = [];
  /** Work that still fits into this turn. */
  #left: number;
  #running = false;

  /** `fault` is told what a job throws; the others go on. */
  constructor(share: EventLoopShare, fault: (error: unknown) => void) {
    this.#share = share;
    this.#fault = fault;
    this.#left = share.limits.work;
  }

  /** Does a job for each item. Resolves when it is done for all of them; undefined when that is so already. */
  close<T>(items: readonly T[], job: (item: T) => void, division?: Division<T>): Promise<void> | undefined {
    const { few, work } = this.#share.limits;
    const least = items.length <= few ? -work : 0;
    const line = this.#line(items, job, division);
    const isMuch = items.length > this.#share.limits.many;
    if (isMuch) this.#left = Math.min(this.#left, 0);
    const isDone = this.#go(line, least);
    this.#goOn(isMuch);
    if (isDone) return undefined;
    return new Promise((resolve) => this.#closing.push(line, this.#line([resolve], run)));
  }

  /**
   * Does a job for each item behind all closings that wait: what is said in this way is said in its order. Resolves when
   * it is done for all of them; undefined when that is so already.
   */
  afterwards<T>(items: readonly T[], job: (item: T) => void): Promise<void> | undefined {
    const line = this.#line(items, job);
    const isFirst = this.#closing.length === 0 && items.length <= this.#share.limits.many;
    const isDone = isFirst && this.#go(line, 0);
    this.#goOn();
    if (isDone) return undefined;
    return new Promise((resolve) => this.#closing.push(line, this.#line([resolve], run)));
  }

  /** Does a job for each item behind all that waits. */
  open<T>(items: readonly T[], job: (item: T) => void): void {
    const line = this.#line(items, job);
    const isFirst =
      this.#closing.length + this.#opening.length === 0 && items.length <= this.#share.limits.many;
    const isDone = isFirst && this.#go(line, 0);
    this.#goOn();
    if (!isDone) this.#opening.push(line);
  }

  #line<T>(items: readonly T[], job: (item: T) => void, { work, steps }: Division<T> = {}): Line {
    let index = 0;
    let behind: Iterator<() => void> | undefined;
    const step = (): number | undefined => {
      const next = behind?.next();
      if (next && !next.done) {
        next.value();
        return 1;
      }
      behind = undefined;
      if (index === items.length) return undefined;
      const item = items[index++] as T;
      const units = work?.(item) ?? 1;
      behind = steps?.(item)[Symbol.iterator]();
      job(item);
      return units;
    };
    return {
      get isAtStep() {
        return behind !== undefined;
      },
      next: () => {
        try {
          return step();
        } catch (error) {
          this.#fault(error);
          return 1;
        }
      },
    };
  }

  /** Goes on with a line as long as more than `least` of the turn is left, for steps more than nothing; says whether it is done. */
  #go(line: Line, least: number, until = Number.POSITIVE_INFINITY): boolean {
    while (this.#left > (line.isAtStep ? 0 : least) && this.#share.now() < until) {
      const units = line.next();
      if (units === undefined) return true;
      this.#left -= units;
    }
    return false;
  }

  /** `isMuch`: the change itself has taken its time, so that others come first. */
  #goOn(isMuch = false): void {
    if (this.#running) return;
    this.#running = true;
    const next = (until: number) => this.#nextTurn(until);
    if (isMuch) this.#share.afterOthers(next);
    else this.#share.later(next);
  }

  #nextTurn(until: number): void {
    this.#left = this.#share.limits.work;
    this.#drain(this.#closing, until);
    if (this.#closing.length === 0) this.#drain(this.#opening, until);
    this.#running = this.#closing.length > 0 || this.#opening.length > 0;
    if (this.#running) this.#share.later((next) => this.#nextTurn(next));
  }

  #drain(lines: Line[], until: number): void {
    let done = 0;
    for (const line of lines) {
      if (!this.#go(line, 0, until)) break;
      done++;
    }
    lines.splice(0, done);
  }
}

const run = (job: () => void): void => job();
