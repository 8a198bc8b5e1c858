import type { Timers } from '../platform/platform.ts';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  cancelTimeout: () => void;
}

/** The requests of one connection that wait for their answer. */
export class PendingRequests {
  readonly #pending = new Map<number, Pending>();
  readonly #timers: Timers;
  #lastId = 0;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** A new id and the promise of its answer. */
  add(): { readonly id: number; readonly answer: Promise<unknown> } {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, cancelTimeout: () => {} });
    });
    return { id, answer };
  }

  /** The request is on its way: `onTimeout` runs when no answer comes within `ms`. */
  startTimeout(id: number, ms: number, onTimeout: () => void): void {
    const pending = this.#pending.get(id);
    if (pending) pending.cancelTimeout = this.#timers.after(ms, onTimeout);
  }

  /** Gives an answer to the request it is for; one that nobody waits for is dropped. */
  settle(id: string | number | null, answer: { result: unknown } | { error: Error }): void {
    const pending = this.#pending.get(Number(id));
    if (!pending) return;
    this.#pending.delete(Number(id));
    pending.cancelTimeout();
    if ('error' in answer) pending.reject(answer.error);
    else pending.resolve(answer.result);
  }

  /** No answer will come any more. */
  rejectAll(error: Error): void {
    for (const id of [...this.#pending.keys()]) {
      this.settle(id, { error });
    }
  }
}
