import type { Notice } from '@roomkey/protocol';
import type { MemberLink } from '../ports/index.ts';
import { writtenNotice } from './written-notice.ts';

/** Where a link sends to. */
export interface LinkTarget {
  send(text: string): void;
  /** The room took the member out, or another connection has its seat. */
  ended(cause: 'removed' | 'superseded'): void;
  /** More waits for the client than may be kept. */
  overflowed(): void;
}

/** The way back to a client for one `enter` or `resume`: what the room says before the answer was sent waits for it. */
export class EntryLink implements MemberLink {
  readonly #target: LinkTarget;
  readonly #maxHeld: number;
  #held: string[] = [];
  #heldLength = 0;
  #ended: 'removed' | 'superseded' | undefined;
  #state: 'holding' | 'open' | 'cut' = 'holding';

  constructor(target: LinkTarget, maxHeldBytes: number) {
    this.#target = target;
    this.#maxHeld = maxHeldBytes;
  }

  notify(notice: Notice): void {
    if (this.#state === 'cut' || this.#ended) return;
    const text = writtenNotice(notice);
    if (this.#state === 'open') this.#target.send(text);
    else this.#hold(text);
  }

  end(superseded?: 'superseded'): void {
    if (this.#state === 'cut' || this.#ended) return;
    this.#ended = superseded ?? 'removed';
    if (this.#state === 'open') this.#target.ended(this.#ended);
  }

  /** The answer was sent: what waited goes out in its order. */
  open(): void {
    if (this.#state !== 'holding') return;
    this.#state = 'open';
    for (const text of this.#held) this.#target.send(text);
    this.#held = [];
    if (this.#ended) this.#target.ended(this.#ended);
  }

  lag(): void {
    if (this.#state === 'cut' || this.#ended) return;
    this.cut();
    this.#target.overflowed();
  }

  #hold(text: string): void {
    this.#held.push(text);
    this.#heldLength += text.length;
    if (this.#heldLength > this.#maxHeld) this.lag();
  }

  /** Nothing goes out any more. */
  cut(): void {
    this.#state = 'cut';
    this.#held = [];
  }
}
