import { createHistogram } from 'node:perf_hooks';

/** How late an event loop got to its work, in milliseconds. */
export interface LoopDelays {
  readonly p99: number;
  readonly longest: number;
}

/**
 * Counts how late the event loop of this process gets to its work, while it is asked to. Node's `monitorEventLoopDelay` cannot be
 * paused: it counts the pause as a delay, and sees none before its first look.
 */
export class LoopWatch {
  /** Nanoseconds between two looks. */
  readonly #gaps = createHistogram();
  readonly #resolution: number;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  /** Looks at the event loop every `resolution` milliseconds. */
  constructor(resolution: number) {
    this.#resolution = resolution;
  }

  /** Counts delays from now on, beside those counted before. */
  begin(): void {
    clearInterval(this.#timer);
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#look(), this.#resolution);
  }

  /** Counts no more. Returns all delays counted so far. */
  end(): LoopDelays {
    this.#look();
    clearInterval(this.#timer);
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - this.#resolution);
    return { p99: late(this.#gaps.percentile(99)), longest: late(this.#gaps.max) };
  }

  /** Forgets what was counted before. */
  forget(): void {
    this.#gaps.reset();
  }

  #look(): void {
    const now = performance.now();
    this.#gaps.record(Math.max(1, Math.round((now - this.#last) * 1e6)));
    this.#last = now;
  }
}
