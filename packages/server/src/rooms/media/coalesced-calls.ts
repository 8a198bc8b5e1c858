interface Running<V> {
  /** What is to be said next; nothing when the call in flight says the newest. */
  next?: { readonly value: V };
}

/**
 * Says the newest value of each thing to somebody who takes time: one call in flight for a thing, and after it the one
 * that was asked for last. However often a client changes its mind, calls do not pile up.
 */
export class CoalescedCalls<V> {
  readonly #call: (key: string, value: V) => Promise<void>;
  readonly #failed: (error: unknown, key: string) => void;
  readonly #running = new Map<string, Running<V>>();

  /** `failed` hears why a thing was not told; the next call tells it the newest value again. */
  constructor(call: (key: string, value: V) => Promise<void>, failed: (error: unknown, key: string) => void) {
    this.#call = call;
    this.#failed = failed;
  }

  say(key: string, value: V): void {
    const running = this.#running.get(key);
    if (running) running.next = { value };
    else void this.#run(key, value);
  }

  async #run(key: string, first: V): Promise<void> {
    const running: Running<V> = {};
    this.#running.set(key, running);
    for (let now: { readonly value: V } | undefined = { value: first }; now; now = running.next) {
      delete running.next;
      await this.#call(key, now.value).catch((error: unknown) => this.#failed(error, key));
    }
    this.#running.delete(key);
  }
}
