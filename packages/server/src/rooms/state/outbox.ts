import type { Notice } from '@roomkey/protocol';
import type { EventLoopShare } from '../../event-loop-share.ts';
import type { MemberLink } from '../../ports/index.ts';
import { nowhere } from './nowhere.ts';

/** Most that waits for one member. Who lags further behind loses its connection, and hears the state when it resumes. */
const MOST = 4000;

/**
 * What members are yet to be told. Each is told everything in its order; where a room has much to say, it is said over
 * several turns of the event loop.
 */
export class Outbox {
  readonly #waiting = new Map<MemberLink, (Notice | 'end')[]>();
  readonly #share: EventLoopShare;
  readonly #fault: (error: unknown) => void;
  #left: number;
  #running = false;
  #told: (() => void)[] = [];

  /** `fault` is told what a connection throws; the others are told all the same. */
  constructor(share: EventLoopShare, fault: (error: unknown) => void) {
    this.#share = share;
    this.#fault = fault;
    this.#left = share.limits.notices;
  }

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
    if (link === nowhere) return;
    const waiting = this.#waiting.get(link);
    if (waiting) this.#add(link, waiting, what);
    else if (this.#left > 0) this.#pass(link, what);
    else this.#waiting.set(link, [what]);
    if (this.#running) return;
    this.#running = true;
    this.#share.later((until) => this.#nextTurn(until));
  }

  #add(link: MemberLink, waiting: (Notice | 'end')[], what: Notice | 'end'): void {
    waiting.push(what);
    if (waiting.length <= MOST) return;
    this.#waiting.delete(link);
    link.lag();
  }

  #pass(link: MemberLink, what: Notice | 'end'): void {
    this.#left--;
    try {
      if (what === 'end') link.end();
      else link.notify(what);
    } catch (error) {
      this.#fault(error);
    }
  }

  #nextTurn(until: number): void {
    this.#left = this.#share.limits.notices;
    for (const [link, waiting] of this.#waiting) {
      if (this.#left <= 0 || this.#share.now() >= until) break;
      const now = waiting.splice(0, this.#left);
      for (const what of now) this.#pass(link, what);
      if (waiting.length === 0) this.#waiting.delete(link);
    }
    this.#running = this.#waiting.size > 0;
    if (this.#running) {
      this.#share.later((next) => this.#nextTurn(next));
      return;
    }
    const told = this.#told;
    this.#told = [];
    for (const resolve of told) resolve();
  }
}
