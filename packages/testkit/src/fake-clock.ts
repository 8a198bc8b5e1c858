import type { Clock } from '@roomkey/server/ports';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  /** What the wall clock is ahead of the monotonic one, which begins at 0. */
  #ahead: number;
  #elapsed = 0;
  #timers = new Map<number, { at: number; job: () => void }>();
  #next = 0;

  /** Starts at `now`, unix milliseconds. */
  constructor(now = 1_800_000_000_000) {
    this.#ahead = now;
  }

  now(): number {
    return this.#ahead + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, job: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#elapsed + ms, job });
    return () => void this.#timers.delete(id);
  }

  /** Sets the wall clock; no time passes for timers. */
  set(now: number): void {
    this.#ahead = now - this.#elapsed;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms` and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#elapsed = Math.max(this.#elapsed, due[1].at);
      due[1].job();
    }
    this.#elapsed = end;
  }
}
