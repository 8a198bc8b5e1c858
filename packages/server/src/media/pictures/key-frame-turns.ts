import type { types } from 'mediasoup';
import type { EventLoopShare } from '../../event-loop-share.ts';
import { engineMs } from './engine-clock.ts';
import type { ProducerTraces } from './producer-traces.ts';
import { WaitingReceivers } from './waiting-receivers.ts';

/**
 * A sender is asked for a key frame of an encoding at most this often, however many receivers want one, in ms. Chromium drops a
 * request within 300 ms of the one before, and the engine repeats it only after a second: so with less than that, who enters just
 * after somebody else waits for a second.
 */
export const KEY_FRAME_EVERY_MS = 500;

/**
 * Has the receivers of one track begin when its sender may be asked for a key frame. The engine counts for each encoding by itself;
 * the sender counts for all of them together, and makes key frames of all when it is asked for one.
 */
export class KeyFrameTurns {
  readonly #waiting: WaitingReceivers;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(share: EventLoopShare) {
    this.#waiting = new WaitingReceivers(share);
  }

  /** Listens to what the sender is asked for. */
  watch(traces: ProducerTraces): void {
    const heard = ({ timestamp }: types.ProducerTraceEventData) => {
      this.#asked(timestamp);
      // They share the key frame that comes.
      this.#waiting.goOn();
    };
    traces.tell(heard, 'pli', 'fir');
  }

  /** Calls `goOn`, which throws nothing, when the sender may be asked. Returns the undo; undefined when that is so now. */
  wait(goOn: () => void): (() => void) | undefined {
    const now = engineMs();
    const ms = this.#askedAt + KEY_FRAME_EVERY_MS - now;
    if (ms > 0) return this.#waiting.add(ms, goOn, () => this.#asked(engineMs()));
    this.#asked(now);
    return undefined;
  }

  #asked(ms: number): void {
    this.#askedAt = Math.max(this.#askedAt, ms);
  }
}
