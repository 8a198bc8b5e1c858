import { RtcError } from '../errors/rtc-error.ts';
import { EVENT, type EventName, type TrtcEvents } from './events.ts';

type Handler = (...payload: never[]) => void;

interface Hearing {
  readonly event: string;
  readonly handler: Handler;
  readonly context: unknown;
}

const names: ReadonlySet<string> = new Set(Object.values(EVENT));

/** A listener's error is the page's, not the SDK's: it is reported as uncaught and changes nothing here. */
function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** The listeners of one object. State has changed already when a listener runs. */
export class Emitter {
  #hearings: readonly Hearing[] = [];

  /** @throws {RtcError} `parameterRange` for a name that is never raised, so that a misspelt one is not silence. */
  on(event: EventName | '*', handler: Handler, context?: unknown): void {
    if (event !== '*' && !names.has(event)) {
      const message = `There is no event ${JSON.stringify(event)}; TRTC.EVENT has the names.`;
      throw new RtcError('parameterRange', message, { functionName: 'on' });
    }
    if (typeof handler !== 'function') {
      throw new RtcError('parameterType', 'The event handler must be a function.', { functionName: 'on' });
    }
    this.#hearings = [...this.#hearings, { event, handler, context }];
  }

  /** Without a handler all of the event's go; `*` without a handler ends every listening. */
  off(event: EventName | '*', handler?: Handler, context?: unknown): void {
    this.#hearings = this.#hearings.filter((hearing) => {
      if (event === '*' && handler === undefined) return false;
      if (hearing.event !== event) return true;
      if (handler !== undefined && hearing.handler !== handler) return true;
      return context !== undefined && hearing.context !== context;
    });
  }

  emit<E extends EventName>(event: E, ...payload: TrtcEvents[E]): void {
    for (const hearing of this.#hearings) {
      const heard = hearing.event === '*' ? [event, ...payload] : payload;
      if (hearing.event !== event && hearing.event !== '*') continue;
      try {
        hearing.handler.apply(hearing.context, heard as never[]);
      } catch (error) {
        report(error);
      }
    }
  }
}
