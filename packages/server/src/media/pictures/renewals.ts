/** How often a frozen picture is looked at, in ms, until it was received anew in vain; and at the least, however often it was. */
const LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 30_000;

/**
 * How often the receivers of one track received it anew since it last flowed to them. A sender who never makes a key frame has all of
 * them try for ever: so each waits about twice as long every time.
 */
export class Renewals {
  readonly #counts = new WeakMap<object, number>();

  renewed(receiver: object): void {
    this.#counts.set(receiver, (this.#counts.get(receiver) ?? 0) + 1);
  }

  flows(receiver: object): void {
    this.#counts.delete(receiver);
  }

  /** How long to wait until the next look at the frozen picture of a receiver, in ms. */
  lookMs(receiver: object): number {
    return Math.min(LONGEST_LOOK_MS, LOOK_MS * 2 ** (this.#counts.get(receiver) ?? 0));
  }
}
