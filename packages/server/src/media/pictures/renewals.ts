/** How often a frozen picture is looked at, in ms, until it was received anew in vain; and at the least, however often it was. */
const LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 30_000;

/**
 * How often the pictures of one slot of a sender were mended for each receiver since one last flowed to it. A sender who never makes a
 * key frame has all of them try for ever: so each waits about twice as long every time that a picture was begun anew and then made
 * anew. It outlives the tracks of the slot: who publishes again has receivers begin where they were.
 */
export class Renewals {
  readonly #mends = new WeakMap<object, number>();

  /** The picture of a receiver was begun anew, or made anew. */
  mended(receiver: object): void {
    this.#mends.set(receiver, (this.#mends.get(receiver) ?? 0) + 1);
  }

  flows(receiver: object): void {
    this.#mends.delete(receiver);
  }

  /** How long to wait until the next look at the frozen picture of a receiver, in ms. */
  lookMs(receiver: object): number {
    const times = Math.floor((this.#mends.get(receiver) ?? 0) / 2);
    return Math.min(LONGEST_LOOK_MS, LOOK_MS * 2 ** times);
  }
}
