import { TokenBucket } from '../token-bucket.ts';

/** Attempts to enter or to resume per second, averaged, and at once. */
const ATTEMPTS = { perSecond: 1, burst: 10 };

/** What may come in bytes, in largest messages: at once, and each second after that. */
const MESSAGES = { perSecond: 0.1, burst: 2 };

/** What somebody who shows no good ticket may cost: few attempts, and few bytes to be read. */
export class EntryPace {
  readonly #attempts: TokenBucket;
  readonly #bytes: TokenBucket;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(maxMessageBytes: number, now: () => number) {
    this.#attempts = new TokenBucket({ ...ATTEMPTS, now });
    this.#bytes = new TokenBucket({
      perSecond: MESSAGES.perSecond * maxMessageBytes,
      burst: MESSAGES.burst * maxMessageBytes,
      now,
    });
  }

  /** Counts a message that came before the entry; false when more came than may. */
  takes(bytes: number): boolean {
    return this.#bytes.take(bytes);
  }

  /** Counts an attempt to enter or to resume; false when it is one too many. */
  attempts(): boolean {
    return this.#attempts.take();
  }
}
