import type { Clock } from '../ports/index.ts';

/** What a client has, from the first byte of a message to its last, in milliseconds. */
const MESSAGE_MS = 30_000;
/** Bytes of the mask in the head of a frame; every frame of a client has one. */
const MASK = 4;
/** How many bytes more hold the length of a frame that has one of these in its second byte. */
const longLengths: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

/**
 * Follows the frames of one WebSocket (RFC 6455, 5.2) only as far as to know whether a message has begun and not ended, and
 * tells once when that takes too long. Does not check them.
 */
export class UnfinishedMessage {
  readonly #clock: Clock;
  readonly #overdue: () => void;
  /** Of the frame that has begun; empty between two frames. */
  #head: number[] = [];
  /** Of the frame whose head is complete: what has still to come. */
  #left = 0;
  #inFragments = false;
  /** Counts what has begun. */
  #begun = 0;
  #watched: { readonly message: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, overdue: () => void) {
    this.#clock = clock;
    this.#overdue = overdue;
  }

  /** These bytes came. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; )
      at += this.#left > 0 ? this.#payload(bytes, at) : this.#headByte(bytes[at]);
    this.#watch();
  }

  stop(): void {
    this.#watched?.cancel();
    this.#watched = undefined;
  }

  get #isUnfinished(): boolean {
    return this.#inFragments || this.#head.length > 0;
  }

  #headByte(byte = 0): 1 {
    if (!this.#isUnfinished) this.#begun += 1;
    this.#head.push(byte);
    const [, second = 0] = this.#head;
    const length = second & 0x7f;
    const more = longLengths[length] ?? 0;
    if (this.#head.length < 2 + more + MASK) return 1;
    this.#left = more === 0 ? length : this.#head.slice(2, 2 + more).reduce((sum, one) => sum * 256 + one, 0);
    if (this.#left === 0) this.#frameEnds();
    return 1;
  }

  #payload(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    this.#left -= taken;
    if (this.#left === 0) this.#frameEnds();
    return taken;
  }

  #frameEnds(): void {
    const [first = 0] = this.#head;
    this.#head = [];
    const isControl = (first & 0x08) !== 0;
    if (!isControl) this.#inFragments = (first & 0x80) === 0;
  }

  #watch(): void {
    const message = this.#isUnfinished ? this.#begun : undefined;
    if (this.#watched?.message === message) return;
    this.stop();
    if (message !== undefined)
      this.#watched = { message, cancel: this.#clock.after(MESSAGE_MS, this.#overdue) };
  }
}
