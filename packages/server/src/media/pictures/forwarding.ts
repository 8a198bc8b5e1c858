import type { types } from 'mediasoup';
import type { EngineCalls } from '../engine-calls.ts';
import type { EngineHandle } from '../engine-handle.ts';

/**
 * Whether a consumer's packets flow: once its receiver is ready, and while they are not held for the sake of others. What the
 * receiver may have is decided elsewhere.
 */
export class Forwarding {
  /** Called each time that packets begin to flow. */
  onFlow: () => void = () => {};
  readonly #handle: EngineHandle<types.Consumer>;
  readonly #calls: EngineCalls;
  #ready = false;
  /** Who holds them. */
  readonly #holders = new Set<object>();

  constructor(handle: EngineHandle<types.Consumer>, calls: EngineCalls) {
    this.#handle = handle;
    this.#calls = calls;
  }

  /** Packets should flow and nothing holds them. */
  get flows(): boolean {
    return this.#ready && this.#holders.size === 0;
  }

  /** The receiver is ready. @throws {ServiceError} `mediaUnavailable` */
  async ready(): Promise<void> {
    this.#ready = true;
    if (!this.flows) return;
    await this.#calls.asked(this.#handle, (engine) => engine.resume());
    this.onFlow();
  }

  /** Holds the packets until each who holds them has released them. */
  hold(by: object = this): void {
    const flowed = this.flows;
    this.#holders.add(by);
    if (flowed) this.#ask((engine) => engine.pause());
  }

  release(by: object = this): void {
    if (!this.#holders.delete(by) || !this.flows) return;
    this.#ask((engine) => engine.resume());
    this.onFlow();
  }

  /** Begins anew: the engine chooses the layers again, and asks for a key frame. */
  reset(): void {
    if (!this.flows) return;
    this.#ask((engine) => engine.pause());
    this.#ask((engine) => engine.resume());
  }

  /** Nobody waits for it. When it fails, so does what is asked next, and that is heard. */
  #ask(question: (engine: types.Consumer) => Promise<void>): void {
    this.#handle.askIfOpen(question).catch(() => {});
  }
}
