/**
 * Runs jobs one after another, each to its end. A job is synchronous: it changes state and returns;
 * what takes time happens outside and comes back as another job. A job posted from within a job waits its turn.
 */
export class Mailbox {
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  /** Resolves with what the job returns, rejects with what it throws; neither stops the jobs behind it. */
  run<T>(job: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(job());
        } catch (error) {
          reject(error);
        }
      });
      if (!this.#busy) this.#drain();
    });
  }

  #drain(): void {
    this.#busy = true;
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) job();
    this.#busy = false;
  }
}
