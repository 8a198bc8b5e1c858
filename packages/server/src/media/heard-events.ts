import type { MediaEvents } from '../ports/index.ts';

/** Tells a listener what happens. What it throws, or rejects with, goes to `failed` and harms nobody. */
export class HeardEvents implements MediaEvents {
  /** Nothing is told as long as there is none. */
  listener: MediaEvents | undefined;
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  placeLost: MediaEvents['placeLost'] = (...args) => this.#tell((listener) => listener.placeLost(...args));
  available: MediaEvents['available'] = () => this.#tell((listener) => listener.available());
  bitrateExceeded: MediaEvents['bitrateExceeded'] = (...args) =>
    this.#tell((listener) => listener.bitrateExceeded(...args));
  keyFramesExceeded: MediaEvents['keyFramesExceeded'] = (...args) =>
    this.#tell((listener) => listener.keyFramesExceeded(...args));
  pictureWaits: MediaEvents['pictureWaits'] = (...args) =>
    this.#tell((listener) => listener.pictureWaits(...args));
  pictureFrozen: MediaEvents['pictureFrozen'] = (...args) =>
    this.#tell((listener) => listener.pictureFrozen(...args));
  transportLost: MediaEvents['transportLost'] = (...args) =>
    this.#tell((listener) => listener.transportLost(...args));

  #tell(event: (listener: MediaEvents) => unknown): void {
    const { listener } = this;
    if (listener) new Promise((resolve) => resolve(event(listener))).catch(this.#failed);
  }
}
