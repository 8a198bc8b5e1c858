import type { types } from 'mediasoup';
import type { Forwarding } from './forwarding.ts';
import type { KeyFrameGuard } from './key-frame-guard.ts';
import type { KeyFrameWaits } from './key-frame-waits.ts';

/** What the limit of one consumer works with. */
interface Parts {
  readonly forwarding: Pick<Forwarding, 'hold' | 'release'>;
  /** Of the receiver and the track, whatever consumer it has. */
  readonly guard: KeyFrameGuard;
  readonly waits: KeyFrameWaits;
  /** The receiver asks for more than anybody needs. Called once. */
  readonly exceeded: () => void;
}

/**
 * Lets a receiver wait that costs the sender key frames too often: by asking for them, by beginning to receive, or by wishing for another
 * encoding. The engine tells of each request: so it costs what is asked for, and nothing where nobody asks.
 */
export class KeyFrameLimit {
  readonly #parts: Parts;
  #hasBegun = false;
  #isHeld = false;
  #change: (() => Promise<unknown>) | undefined;
  readonly #undos = new Set<() => void>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Listens to what the receiver asks. */
  watch(consumer: types.Consumer): void {
    const { guard, exceeded } = this.#parts;
    const heard = ({ timestamp }: types.ConsumerTraceEventData) => {
      // By the engine's clock: requests that waited for this process did not come all at once.
      const verdict = guard.asked(timestamp);
      if (verdict === 'exceeded') {
        consumer.off('trace', heard);
        exceeded();
      } else if (verdict === 'wait') {
        this.#hold();
      }
    };
    consumer.on('trace', heard);
    // Nobody waits for it. When it fails, so does what is asked next, and that is heard.
    consumer.enableTraceEvent(['pli', 'fir']).catch(() => {});
  }

  /** To be called before the receiver begins. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#parts.guard.begins(engineMs()) === 'wait') this.#hold();
  }

  /**
   * Says to the engine which encoding the receiver is to get; `isOther`: not the one that was said before. That costs a key frame once it
   * has begun. Resolves with the answer, or at once when it has to wait; of what waits the newest is said, and its answer is not heard.
   */
  async change(job: () => Promise<unknown>, isOther: boolean): Promise<void> {
    if (!this.#change) {
      if (!isOther || !this.#hasBegun || this.#parts.guard.begins(engineMs()) === 'fine') {
        await job();
        return;
      }
      this.#wait(() => {
        this.#change?.().catch(() => {});
        this.#change = undefined;
      });
    }
    this.#change = job;
  }

  /** The consumer has ended: nothing waits any more. */
  stop(): void {
    for (const undo of this.#undos) undo();
    this.#undos.clear();
  }

  /** It gets nothing that it could decode until the next key frame; paused, it asks the sender for none. */
  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    const { forwarding } = this.#parts;
    forwarding.hold();
    this.#wait(() => {
      this.#isHeld = false;
      forwarding.release();
    });
  }

  #wait(job: () => void): void {
    const undo = this.#parts.waits.wait(() => {
      this.#undos.delete(undo);
      job();
    });
    this.#undos.add(undo);
  }
}

/** The engine's clock, which is that of every process of a computer, in ms. */
const engineMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);
