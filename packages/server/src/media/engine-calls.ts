import type { ErrorName } from '@roomkey/protocol';
import type { types } from 'mediasoup';
import type { EngineHandle } from './engine-handle.ts';
import { within } from './media-error.ts';

type HandledObject = types.Router | types.WebRtcTransport | types.Producer | types.Consumer;

/** Waits for the engine no longer than a deadline; what fails comes out as a refusal. */
export class EngineCalls {
  readonly #deadlineMs: number;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** The object of a handle once it is open; when it opens too late, it ends. `mistake` names parameters that the engine does not take. */
  async opened<T extends HandledObject>(handle: EngineHandle<T>, mistake?: ErrorName): Promise<T> {
    return within(this.#deadlineMs, handle.engine(), { mistake, late: () => handle.end() });
  }

  /** The answer to a question that an object is asked as soon as it is open. */
  async asked<T extends HandledObject, R>(
    handle: EngineHandle<T>,
    ask: (engine: T) => Promise<R>,
    mistake?: ErrorName,
  ): Promise<R> {
    return within(this.#deadlineMs, handle.ask(ask), { mistake });
  }
}
