/** Members for whom something is done in one turn of the event loop; for more, everybody else would wait. */
const BATCH = 25;

/** Does things for many members a slice at a time, one slice per turn of the event loop. */
export class Batches {
  readonly #waiting: (() => void)[] = [];
  #running: Promise<void> | undefined;

  /** Resolves when all that was asked for so far is done. */
  async done(): Promise<void> {
    await this.#running;
  }

  /** Does a job for the first slice at once and for the others later, each in its order, behind what waits already. */
  each<T>(items: readonly T[], job: (slice: readonly T[]) => void): void {
    job(items.slice(0, BATCH));
    this.#queue(items.slice(BATCH), job);
  }

  /** The same, but the first slice too goes behind what waits already. */
  eachBehind<T>(items: readonly T[], job: (slice: readonly T[]) => void): void {
    if (this.#running) this.#queue(items, job);
    else this.each(items, job);
  }

  #queue<T>(items: readonly T[], job: (slice: readonly T[]) => void): void {
    for (let from = 0; from < items.length; from += BATCH) {
      const slice = items.slice(from, from + BATCH);
      this.#waiting.push(() => job(slice));
    }
    if (this.#waiting.length > 0) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#waiting.shift()?.();
    }
    this.#running = undefined;
  }
}
