import type { ClientLimits } from '@roomkey/protocol';
import type { Timers } from '../platform/platform.ts';
import { TokenBucket } from './token-bucket.ts';

/** Holds requests back so that a connection stays within the limits that its server named. */
export class RequestPacer {
  readonly #timers: Timers;
  readonly #bucket: TokenBucket;
  #maxPending = Number.POSITIVE_INFINITY;
  #waiting: (() => void)[] = [];
  #pending = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#bucket = new TokenBucket(timers);
  }

  /** Begins to count; nothing is held back before. */
  setLimits(limits: Pick<ClientLimits, 'requestsPerSecond' | 'pendingRequests'>): void {
    this.#maxPending = limits.pendingRequests;
    this.#bucket.setRate(limits.requestsPerSecond, limits.requestsPerSecond);
  }

  /** Runs `send` now or as soon as the limits allow, in the order of the calls. */
  submit(send: () => void): void {
    this.#waiting.push(send);
    this.#drain();
  }

  /** One request was answered. */
  answered(): void {
    this.#pending -= 1;
    this.#drain();
  }

  close(): void {
    this.#waiting = [];
    this.#cancelTimer?.();
  }

  #drain(): void {
    while (this.#waiting.length > 0 && this.#take()) {
      this.#pending += 1;
      this.#waiting.shift()?.();
    }
  }

  #take(): boolean {
    if (this.#pending >= this.#maxPending) return false;
    const ms = this.#bucket.take();
    if (ms > 0) this.#wakeAfter(ms);
    return ms === 0;
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#timers.after(ms, () => {
      this.#cancelTimer = undefined;
      this.#drain();
    });
  }
}
