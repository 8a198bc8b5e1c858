import type { ClientLimits } from '@roomkey/protocol';
import { TokenBucket } from '../token-bucket.ts';

/** Unreadable messages after which a connection is closed; a correct client sends none. */
export const maxUnreadable = 10;

/** Refusals above the rate, in seconds' worth of requests, after which a connection is closed. */
const patience = 10;

/** Decides which messages of one client are too many. */
export class Pace {
  readonly #requests: TokenBucket;
  readonly #refusals: TokenBucket;
  #unreadable = 0;

  constructor({ requestsPerSecond: perSecond }: ClientLimits, now: () => number) {
    this.#requests = new TokenBucket({ perSecond, burst: perSecond * 2, now });
    this.#refusals = new TokenBucket({ perSecond, burst: perSecond * patience, now });
  }

  /** Counts a message: let it in, refuse it, or close because the client does not slow down. */
  next(): 'accept' | 'refuse' | 'close' {
    if (this.#requests.take()) return 'accept';
    return this.#refusals.take() ? 'refuse' : 'close';
  }

  /** Counts a message that was no request. */
  unreadable(): 'refuse' | 'close' {
    this.#unreadable += 1;
    return this.#unreadable < maxUnreadable ? 'refuse' : 'close';
  }
}
