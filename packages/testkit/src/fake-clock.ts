import type { Clock } from '@roomkey/server/rooms';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #timers = new Map<number, { at: number; job: () => void }>();
  #next = 0;

  /** Starts at `now`, unix milliseconds. */
  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, job: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + ms, job });
    return () => void this.#timers.delete(id);
  }

  /** Sets the wall clock; no time passes for timers. */
  set(now: number): void {
    for (const timer of this.#timers.values()) timer.at += now - this.#now;
    this.#now = now;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms` and runs what falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].job();
    }
    this.#now = end;
  }
}
