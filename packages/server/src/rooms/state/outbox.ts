import type { Notice } from '@roomkey/protocol';
import type { MemberLink } from '../../ports/index.ts';

/** Notices that a room sends in one turn of the event loop; for more, everybody else would wait. */
const TURN = 120;

/**
 * What members are yet to be told. Each is told everything in its order; where a room has much to say, it is said over
 * several turns of the event loop.
 */
export class Outbox {
  readonly #waiting = new Map<MemberLink, (Notice | 'end')[]>();
  #left = TURN;
  #running = false;
  #told: (() => void)[] = [];

  /** Resolves when nothing waits. */
  async told(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  tell(link: MemberLink, notice: Notice): void {
    this.#say(link, notice);
  }

  /** Ends a connection behind what it is still to be told. */
  end(link: MemberLink): void {
    this.#say(link, 'end');
  }

  /** Nobody listens on a connection any more. */
  forget(link: MemberLink): void {
    this.#waiting.delete(link);
  }

  #say(link: MemberLink, what: Notice | 'end'): void {
    const waiting = this.#waiting.get(link);
    if (waiting) waiting.push(what);
    else if (this.#left > 0) this.#pass(link, what);
    else this.#waiting.set(link, [what]);
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#nextTurn());
  }

  #pass(link: MemberLink, what: Notice | 'end'): void {
    this.#left--;
    if (what === 'end') link.end();
    else link.notify(what);
  }

  #nextTurn(): void {
    this.#left = TURN;
    for (const [link, waiting] of this.#waiting) {
      if (this.#left <= 0) break;
      const now = waiting.splice(0, this.#left);
      for (const what of now) this.#pass(link, what);
      if (waiting.length === 0) this.#waiting.delete(link);
    }
    this.#running = this.#waiting.size > 0;
    if (this.#running) {
      setImmediate(() => this.#nextTurn());
      return;
    }
    const told = this.#told;
    this.#told = [];
    for (const resolve of told) resolve();
  }
}
