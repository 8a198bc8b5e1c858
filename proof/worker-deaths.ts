/**
 * The deaths of a server's worker, on which many rooms are. It is killed when all of them are ready for it, so that none
 * loses its media in the middle of a measurement.
 */
export class WorkerDeaths {
  readonly #kill: () => Promise<void>;
  #rooms = 0;
  #ready: (() => void)[] = [];

  /** `kill` ends the worker, without a word to it. */
  constructor(kill: () => Promise<void>) {
    this.#kill = kill;
  }

  /** There is one more room to wait for. */
  join(): void {
    this.#rooms++;
  }

  /** There is one less. */
  leave(): void {
    this.#rooms--;
    this.#killIfReady();
  }

  /** A room is ready; resolves when the worker was killed. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#ready.push(resolve);
      this.#killIfReady();
    });
  }

  #killIfReady(): void {
    if (this.#ready.length === 0 || this.#ready.length < this.#rooms) return;
    const ready = this.#ready;
    this.#ready = [];
    void this.#kill().then(() => {
      for (const resolve of ready) resolve();
    });
  }
}
