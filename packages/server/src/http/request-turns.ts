import type { IncomingMessage } from 'node:http';
import { addressGroup, type TrustedProxies } from '../client-address.ts';
import type { EventLoopShare } from '../event-loop-share.ts';
import { FairQueue } from '../fair-queue.ts';

/**
 * Divides the work of requests over turns of the event loop. All requests together are one owner of the share, and take turns
 * with the rooms. The addresses that they come from take turns too: one with a thousand requests keeps no other waiting.
 */
export class RequestTurns {
  readonly #share: EventLoopShare;
  readonly #proxies: TrustedProxies;
  readonly #waiting = new FairQueue<() => void>();

  constructor(share: EventLoopShare, proxies: TrustedProxies) {
    this.#share = share;
    this.#proxies = proxies;
  }

  /** Does a piece of work for a request, which throws nothing, in a later turn. */
  later(request: IncomingMessage, work: () => void): void {
    this.#waiting.push(work, addressGroup(this.#proxies.clientOf(request)));
    this.#share.later(() => this.#waiting.shift()?.(), this);
  }

  /** The next turn of a request. */
  turnOf(request: IncomingMessage): Promise<void> {
    return new Promise((resolve) => this.later(request, resolve));
  }
}
