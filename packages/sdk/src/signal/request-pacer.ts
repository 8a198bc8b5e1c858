import type { ClientLimits } from '@roomkey/protocol';
import type { Timers } from '../platform/platform.ts';

/** Holds requests back so that a connection stays within the limits that its server named. */
export class RequestPacer {
  readonly #timers: Timers;
  #limits: Pick<ClientLimits, 'requestsPerSecond' | 'pendingRequests'> | undefined;
  #waiting: (() => void)[] = [];
  #pending = 0;
  #tokens = 0;
  #filledAt = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Begins to count; nothing is held back before. */
  setLimits(limits: Pick<ClientLimits, 'requestsPerSecond' | 'pendingRequests'>): void {
    this.#limits = limits;
    this.#tokens = limits.requestsPerSecond;
    this.#filledAt = this.#timers.now();
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
    const limits = this.#limits;
    if (!limits) return true;
    if (this.#pending >= limits.pendingRequests) return false;
    const now = this.#timers.now();
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * limits.requestsPerSecond;
    this.#tokens = Math.min(filled, limits.requestsPerSecond);
    this.#filledAt = now;
    if (this.#tokens < 1) {
      this.#wakeAfter(((1 - this.#tokens) / limits.requestsPerSecond) * 1000);
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  #wakeAfter(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#timers.after(Math.ceil(ms), () => {
      this.#cancelTimer = undefined;
      this.#drain();
    });
  }
}
