import type { Notice } from '@roomkey/protocol';
import type { EventLoopShare } from '../../event-loop-share.ts';
import type { MemberLink } from '../../ports/index.ts';
import { nowhere } from './nowhere.ts';

/** Most that waits for one member. Who lags further behind loses its connection, and hears the state when it resumes. */
const MOST = 4000;

type Message = Notice | 'end';

/** What everybody is told, but for one. */
interface Common {
  readonly notice: Notice;
  readonly except: MemberLink | undefined;
}

/** What one member is yet to be told: what is said to everybody from a number on, and between that what is said to it alone. */
interface Waiting {
  next: number;
  /** It left when the next notice to everybody had this number, so it is told the ones before. Undefined: it has not left. */
  stop: number | undefined;
  /** Messages for this connection alone. Each is told before the notice to everybody that has the number `before`. */
  readonly own: { readonly before: number; readonly message: Message }[];
  /** How many of its own it was told. */
  told: number;
}

/**
 * What the members of a room are yet to be told. Each is told everything in its order; where a room has much to say, it is said
 * over several turns of the event loop. What is said to everybody is kept once, however many are behind.
 */
export class NoticeQueue {
  readonly #share: EventLoopShare;
  readonly #fault: (error: unknown) => void;
  /** Connections that have joined and have been told every notice so far. */
  readonly #upToDate = new Set<MemberLink>();
  readonly #behind = new Map<MemberLink, Waiting>();
  /** What was said to everybody, from the number `#first` on, as far as somebody is yet to be told. */
  #common: Common[] = [];
  #first = 0;
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
    if (this.#behind.size > 0) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  /** A connection hears what everybody is told from now on. */
  join(link: MemberLink): void {
    if (link !== nowhere) this.#upToDate.add(link);
  }

  /** A connection hears nothing more of what everybody is told from now on. */
  leave(link: MemberLink): void {
    this.#upToDate.delete(link);
    const waiting = this.#behind.get(link);
    if (waiting) waiting.stop ??= this.#end;
  }

  /** Nobody listens on a connection any more. */
  forget(link: MemberLink): void {
    this.#upToDate.delete(link);
    this.#behind.delete(link);
    this.#forgetTold();
  }

  /** Tells everybody who has joined, but for one. */
  tellAll(notice: Notice, except?: MemberLink): void {
    for (const link of this.#upToDate) {
      if (link === except) continue;
      if (this.#left > 0) this.#pass(link, notice);
      else this.#fallBehind(link, []);
    }
    if (this.#behind.size > 0) this.#common.push({ notice, except });
    if (this.#common.length > 2 * MOST) this.#giveUpLaggards();
    this.#begin();
  }

  /** Tells one connection something. */
  tell(link: MemberLink, notice: Notice): void {
    this.#say(link, notice);
  }

  /** Ends a connection behind what it is still to be told. */
  end(link: MemberLink): void {
    this.#say(link, 'end');
  }

  get #end(): number {
    return this.#first + this.#common.length;
  }

  #say(link: MemberLink, message: Message): void {
    if (link === nowhere) return;
    const waiting = this.#behind.get(link);
    if (waiting) {
      waiting.own.push({ before: waiting.stop ?? this.#end, message });
      if (this.#sizeOf(waiting) > MOST) this.#giveUp(link);
    } else if (this.#left > 0) this.#pass(link, message);
    else this.#fallBehind(link, [{ before: this.#end, message }]);
    this.#begin();
  }

  #fallBehind(link: MemberLink, own: Waiting['own']): void {
    const stop = this.#upToDate.delete(link) ? undefined : this.#end;
    this.#behind.set(link, { next: this.#end, stop, own, told: 0 });
  }

  #begin(): void {
    if (this.#running) return;
    this.#running = true;
    this.#share.later((until) => this.#nextTurn(until));
  }

  #pass(link: MemberLink, message: Message): void {
    this.#left--;
    try {
      if (message === 'end') link.end();
      else link.notify(message);
    } catch (error) {
      this.#fault(error);
    }
  }

  #nextTurn(until: number): void {
    this.#left = this.#share.limits.notices;
    for (const [link, waiting] of this.#behind) {
      if (this.#sizeOf(waiting) > MOST) this.#giveUp(link);
      else this.#catchUp(link, waiting, until);
      if (this.#left <= 0 || this.#share.now() >= until) break;
    }
    this.#forgetTold();
    this.#running = this.#behind.size > 0;
    if (this.#running) {
      this.#share.later((next) => this.#nextTurn(next));
      return;
    }
    const told = this.#told;
    this.#told = [];
    for (const resolve of told) resolve();
  }

  /** Tells a connection what it is yet to be told, as far as this turn goes. */
  #catchUp(link: MemberLink, waiting: Waiting, until: number): void {
    do {
      const message = this.#nextFor(link, waiting);
      if (!message) {
        this.#behind.delete(link);
        if (waiting.stop === undefined) this.#upToDate.add(link);
        return;
      }
      this.#pass(link, message);
    } while (this.#left > 0 && this.#share.now() < until);
  }

  #nextFor(link: MemberLink, waiting: Waiting): Message | undefined {
    const { own, stop = this.#end } = waiting;
    for (; ; waiting.next++) {
      const mine = own[waiting.told];
      if (mine && mine.before <= waiting.next) {
        waiting.told++;
        return mine.message;
      }
      if (waiting.next >= stop) return undefined;
      const common = this.#common[waiting.next - this.#first];
      if (common && common.except !== link) {
        waiting.next++;
        return common.notice;
      }
    }
  }

  #sizeOf({ next, stop = this.#end, own, told }: Waiting): number {
    return stop - next + own.length - told;
  }

  #giveUp(link: MemberLink): void {
    this.#behind.delete(link);
    link.lag();
  }

  /** What everybody was told has become long: those who are far behind lose their connection, and the others' past is forgotten. */
  #giveUpLaggards(): void {
    let oldest = this.#end;
    for (const [link, waiting] of this.#behind) {
      if (this.#sizeOf(waiting) > MOST) this.#giveUp(link);
      else oldest = Math.min(oldest, waiting.next);
    }
    this.#common.splice(0, oldest - this.#first);
    this.#first = oldest;
  }

  #forgetTold(): void {
    if (this.#behind.size > 0) return;
    this.#first = this.#end;
    this.#common = [];
  }
}
