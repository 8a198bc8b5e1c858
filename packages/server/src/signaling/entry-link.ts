import { encodeNotice, type Notice } from '@roomkey/protocol';
import type { MemberLink } from '../rooms/index.ts';

/** Where a link sends to. */
export interface LinkTarget {
  send(text: string): void;
  /** The room took the member out. */
  removed(): void;
  /** More waits for the answer to `enter` than may be kept. */
  overflowed(): void;
}

/** The way back to a client for one `enter`: what the room says before the answer was sent waits for it. */
export class EntryLink implements MemberLink {
  readonly #target: LinkTarget;
  readonly #maxHeld: number;
  #held: string[] = [];
  #heldLength = 0;
  #ended = false;
  #state: 'holding' | 'open' | 'cut' = 'holding';

  constructor(target: LinkTarget, maxHeldBytes: number) {
    this.#target = target;
    this.#maxHeld = maxHeldBytes;
  }

  notify(notice: Notice): void {
    if (this.#state === 'cut' || this.#ended) return;
    const text = encodeNotice(notice.method, notice.params);
    if (this.#state === 'open') this.#target.send(text);
    else this.#hold(text);
  }

  end(): void {
    if (this.#state === 'cut' || this.#ended) return;
    this.#ended = true;
    if (this.#state === 'open') this.#target.removed();
  }

  /** The answer to `enter` was sent: what waited goes out in its order. */
  open(): void {
    if (this.#state !== 'holding') return;
    this.#state = 'open';
    for (const text of this.#held) this.#target.send(text);
    this.#held = [];
    if (this.#ended) this.#target.removed();
  }

  #hold(text: string): void {
    this.#held.push(text);
    this.#heldLength += text.length;
    if (this.#heldLength <= this.#maxHeld) return;
    this.cut();
    this.#target.overflowed();
  }

  /** Nothing goes out any more. */
  cut(): void {
    this.#state = 'cut';
    this.#held = [];
  }
}
