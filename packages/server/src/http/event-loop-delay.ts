import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds between two looks at the event loop. Each wakes the process: half of what it does when nobody asks anything. */
const resolution = 20;

/** How late this process gets to its work. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution });

  constructor() {
    this.#histogram.enable();
  }

  /** The delays since the last call, in seconds; quantile 1 is the longest. */
  take(): readonly { readonly quantile: number; readonly seconds: number }[] {
    const taken = [0.5, 0.9, 0.99, 1].map((quantile) => ({
      quantile,
      // Node counts the time between two looks, so an idle process would be 20 ms late.
      seconds: Math.max(0, this.#histogram.percentile(quantile * 100) / 1e9 - resolution / 1000),
    }));
    this.#histogram.reset();
    return taken;
  }

  stop(): void {
    this.#histogram.disable();
  }
}
