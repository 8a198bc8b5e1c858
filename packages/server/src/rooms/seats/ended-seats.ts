import type { RemovalWire } from '@roomkey/protocol';
import type { Clock } from '../../ports/index.ts';
import type { ResumeSecrets } from './resume-secrets.ts';

/** Seats that are remembered at the same time, of all rooms. */
const MOST = 10_000;

interface Ended {
  readonly removal: RemovalWire;
  /** None of them is good any more; who shows one may be told why. */
  readonly secrets: ResumeSecrets;
  /** By the monotonic clock. */
  readonly until: number;
}

/** Why members are out who did not ask for it, for a client that was away when it happened. */
export class EndedSeats {
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #ended = new Map<string, Ended>();

  /** Remembers each for `seconds`. */
  constructor(clock: Clock, seconds: number) {
    this.#clock = clock;
    this.#keptMs = seconds * 1000;
  }

  record(memberId: string, secrets: ResumeSecrets, removal: RemovalWire): void {
    const now = this.#clock.elapsed();
    for (const [id, { until }] of this.#ended) {
      if (until > now && this.#ended.size < MOST) break;
      this.#ended.delete(id);
    }
    if (this.#keptMs > 0) this.#ended.set(memberId, { removal, secrets, until: now + this.#keptMs });
  }

  /** Why a member is out, for who shows a secret that was good for its seat. */
  why(memberId: string, secret: string): RemovalWire | undefined {
    const ended = this.#ended.get(memberId);
    if (!ended || ended.until <= this.#clock.elapsed() || !ended.secrets.hasEnded(secret)) return undefined;
    return ended.removal;
  }
}
