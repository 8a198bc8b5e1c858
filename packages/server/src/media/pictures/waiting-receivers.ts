import type { EventLoopShare } from '../../event-loop-share.ts';
import { systemClock } from '../../system-clock.ts';

/**
 * Receivers of one track that wait for a key frame, and go on together with a single one: so they cost the sender, and all other
 * receivers, no more than one of them does, however many they are.
 */
export class WaitingReceivers {
  readonly #share: EventLoopShare;
  readonly #waiting = new Set<() => void>();
  #stop: (() => void) | undefined;

  constructor(share: EventLoopShare) {
    this.#share = share;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Calls `goOn`, which throws nothing, in `ms` if nobody waits yet, else when those who wait go on. Returns the undo. */
  add(ms: number, goOn: () => void, then: () => void = () => {}): () => void {
    this.#waiting.add(goOn);
    this.#stop ??= systemClock.after(ms, () => {
      then();
      this.goOn();
    });
    return () => {
      this.#waiting.delete(goOn);
      if (this.isEmpty) this.#end();
    };
  }

  /** They go on. Many are divided over turns of the event loop, which is over long before the sender has made the key frame. */
  goOn(): void {
    this.#end();
    for (const goOn of [...this.#waiting]) {
      this.#share.later(() => {
        if (this.#waiting.delete(goOn)) goOn();
      });
    }
  }

  #end(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
