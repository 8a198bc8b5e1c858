/** The time, so that no decision reads a clock by itself. */
export interface Clock {
  /** Wall clock, unix milliseconds: for tickets and records. Somebody may set it. */
  now(): number;
  /** Milliseconds of the monotonic clock, from whenever: for how long something holds in this process. */
  elapsed(): number;
  /**
   * Runs `job` once after `ms` on the monotonic clock, when what has arrived by then is read: nobody is silent whose answer
   * waits for us. Returns the undo.
   */
  after(ms: number, job: () => void): () => void;
}
