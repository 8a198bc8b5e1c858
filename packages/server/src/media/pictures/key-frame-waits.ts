import type { EventLoopShare } from '../../event-loop-share.ts';
import { systemClock } from '../../system-clock.ts';

/** A receiver waits at least so long, in ms. */
const SHORTEST_MS = 1_000;
/** Those who wait for a track go on together, at most so often, in ms. */
const EVERY_MS = 2_000;

/**
 * The receivers of one track who cost its sender key frames too often. They wait, and go on together with a single key frame: so they
 * cost the sender, and all other receivers, no more than one of them does, however many they are.
 */
export class KeyFrameWaits {
  readonly #share: EventLoopShare;
  readonly #waiting = new Set<() => void>();
  #wentOnAt = Number.NEGATIVE_INFINITY;
  #stop: (() => void) | undefined;

  constructor(share: EventLoopShare) {
    this.#share = share;
  }

  /** `goOn`, which throws nothing, is called when the wait is over. Returns the undo. */
  wait(goOn: () => void): () => void {
    this.#waiting.add(goOn);
    const left = this.#wentOnAt + EVERY_MS - performance.now();
    this.#stop ??= systemClock.after(Math.max(SHORTEST_MS, left), () => this.#goOn());
    return () => {
      this.#waiting.delete(goOn);
      if (this.#waiting.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  /** Many are divided over turns of the event loop, which is over long before the sender has made the key frame. */
  #goOn(): void {
    this.#stop = undefined;
    this.#wentOnAt = performance.now();
    for (const goOn of [...this.#waiting]) {
      this.#share.later(() => {
        if (this.#waiting.delete(goOn)) goOn();
      });
    }
  }
}
