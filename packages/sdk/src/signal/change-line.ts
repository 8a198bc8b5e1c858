import type { RequestName } from '@roomkey/protocol';
import type { Timers } from '../platform/platform.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The requests that other members have to follow, which the server limits for each member. */
const changes: ReadonlySet<RequestName> = new Set<RequestName>([
  'publish',
  'unpublish',
  'setMuted',
  'switchRole',
  'changeAuthority',
  'updatePrivateMapKey',
]);

/**
 * Holds changes back so that a member stays within the rate of its bucket.
 *
 * Changes leave in the order of the calls, in one line. Other requests pass the line at once. This keeps the order that
 * matters: a request that needs the effect of a change is made after the answer to that change.
 */
export class ChangeLine {
  readonly #timers: Timers;
  readonly #bucket: TokenBucket;
  #waiting: (() => void)[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(timers: Timers, bucket: TokenBucket) {
    this.#timers = timers;
    this.#bucket = bucket;
  }

  /** Runs `send` at once if the request is no change, else when its turn has come. */
  submit(method: RequestName, send: () => void): void {
    // It must not wait, and the server counts it all the same.
    if (method === 'resume') this.#bucket.count();
    if (!changes.has(method)) {
      send();
      return;
    }
    this.#waiting.push(send);
    if (!this.#cancelTimer) this.#drain();
  }

  /** Forgets what waits. */
  close(): void {
    this.#waiting = [];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #drain(): void {
    while (this.#waiting.length > 0) {
      const ms = this.#bucket.take();
      if (ms > 0) {
        this.#cancelTimer = this.#timers.after(ms, () => {
          this.#cancelTimer = undefined;
          this.#drain();
        });
        return;
      }
      this.#waiting.shift()?.();
    }
  }
}
