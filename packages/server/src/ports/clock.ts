/** The time, so that no decision reads a clock by itself. */
export interface Clock {
  /** Wall clock, unix milliseconds: for tickets and records. Somebody may set it. */
  now(): number;
  /** Milliseconds of the monotonic clock, from whenever: for how long something holds in this process. */
  elapsed(): number;
  /** Runs `job` once after `ms` on the monotonic clock; returns the undo. */
  after(ms: number, job: () => void): () => void;
}
