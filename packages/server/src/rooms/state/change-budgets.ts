import { TokenBucket } from '../../token-bucket.ts';

/** What a user who enters may change. */
export interface ChangeBudget {
  readonly bucket: TokenBucket;
  /** The user was here a moment ago, or is here: this entry is a change as well. */
  readonly isKnown: boolean;
}

/** The bursts of changes of 4 seconds can be made at once. */
const BURST_SECONDS = 4;

/** What each user of a room may change that others have to follow. Who leaves and enters again has no more than who stays. */
export class ChangeBudgets {
  readonly #perSecond: number;
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();
  /** When those left who are not inside, the first ones first. */
  readonly #left = new Map<string, number>();

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** What a user who wants to enter may change. */
  of(userId: string): ChangeBudget {
    this.#forgetFull();
    const known = this.#buckets.get(userId);
    if (known) return { bucket: known, isKnown: true };
    const perSecond = this.#perSecond;
    const bucket = new TokenBucket({ perSecond, burst: perSecond * BURST_SECONDS, now: this.#now });
    return { bucket, isKnown: false };
  }

  /** A user is inside with what `of` gave it. */
  entered(userId: string, bucket: TokenBucket): void {
    this.#buckets.set(userId, bucket);
    this.#left.delete(userId);
  }

  left(userId: string): void {
    this.#left.set(userId, this.#now());
    this.#forgetFull();
  }

  /** Forgets those who would have all their changes again. */
  #forgetFull(): void {
    const full = this.#now() - BURST_SECONDS * 1000;
    for (const [userId, leftAt] of this.#left) {
      if (leftAt > full) return;
      this.#left.delete(userId);
      this.#buckets.delete(userId);
    }
  }
}
