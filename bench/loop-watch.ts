import { openSync, readSync } from 'node:fs';
import { createHistogram } from 'node:perf_hooks';

/** How late an event loop got to its work, in milliseconds. */
export interface LoopDelays {
  readonly p99: number;
  readonly longest: number;
  /** The longest when the time does not count in which the thread could have run and got no core. */
  readonly longestOwn: number;
}

/**
 * Counts how late the event loop of this process gets to its work, while it is asked to. Node's `monitorEventLoopDelay` cannot be
 * paused: it counts the pause as a delay, and sees none before its first look.
 */
export class LoopWatch {
  /** Nanoseconds between two looks. */
  readonly #gaps = createHistogram();
  readonly #resolution: number;
  readonly #schedule = new ThreadSchedule();
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  /** Milliseconds that the thread has waited for a core, at the last look. */
  #waited = 0;
  #longestOwn = 0;

  /** Looks at the event loop every `resolution` milliseconds. */
  constructor(resolution: number) {
    this.#resolution = resolution;
  }

  /** Counts delays from now on, beside those counted before. */
  begin(): void {
    clearInterval(this.#timer);
    this.#last = performance.now();
    this.#waited = this.#schedule.waitedMs();
    this.#timer = setInterval(() => this.#look(), this.#resolution);
  }

  /** Counts no more. Returns all delays counted so far. */
  end(): LoopDelays {
    this.#look();
    clearInterval(this.#timer);
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - this.#resolution);
    return {
      p99: late(this.#gaps.percentile(99)),
      longest: late(this.#gaps.max),
      longestOwn: this.#longestOwn,
    };
  }

  /** Forgets what was counted before. */
  forget(): void {
    this.#gaps.reset();
    this.#longestOwn = 0;
  }

  #look(): void {
    const [now, waited] = [performance.now(), this.#schedule.waitedMs()];
    const gap = now - this.#last;
    this.#gaps.record(Math.max(1, Math.round(gap * 1e6)));
    const own = gap - (waited - this.#waited) - this.#resolution;
    this.#longestOwn = Math.max(this.#longestOwn, own);
    this.#last = now;
    this.#waited = waited;
  }
}

/** What the kernel counts of the thread that makes it. The file stays open: at a thousand looks a second, opening it is most of the cost. */
class ThreadSchedule {
  readonly #file = openSync('/proc/thread-self/schedstat', 'r');
  readonly #buffer = Buffer.alloc(128);

  /** For how long the thread has waited for a core, in milliseconds: the second number. */
  waitedMs(): number {
    const bytes = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
    return Number(this.#buffer.toString('latin1', 0, bytes).split(' ')[1]) / 1e6;
  }
}
