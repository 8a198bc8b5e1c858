import type { Journal, JournalRecord } from './journal.ts';
import type { Clock } from './ports.ts';

/** Milliseconds within which the same refusal is one record. */
const SAME_MS = 60_000;

/** A refusal of somebody with a valid UserSig. */
type Refusal = Omit<JournalRecord, 'at' | 'kind'>;

/** A refusal that was told, and how often it came again. */
interface Told {
  readonly refusal: Refusal;
  /** By the monotonic clock. */
  readonly since: number;
  again: number;
  /** Unix milliseconds. */
  last: number;
}

/**
 * Tells refusals to the journal. One that comes again within a minute (same user, room and cause) is told a second time
 * after that, with how often it came: nobody can fill the disk by asking.
 */
export class Refusals {
  readonly #journal: Pick<Journal, 'told'>;
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  /** In the order in which they were told. */
  readonly #told = new Map<string, Told>();

  constructor(journal: Pick<Journal, 'told'>, clock: Pick<Clock, 'now' | 'elapsed'>) {
    this.#journal = journal;
    this.#clock = clock;
  }

  tell(refusal: Refusal): void {
    const now = this.#clock.now();
    const elapsed = this.#clock.elapsed();
    this.#settle(elapsed);
    const { sdkAppId, room, userId, cause, details } = refusal;
    const key = JSON.stringify([sdkAppId, room, userId, cause, details?.['observed']]);
    const before = this.#told.get(key);
    if (before) {
      before.again++;
      before.last = now;
      return;
    }
    this.#told.set(key, { refusal, since: elapsed, again: 0, last: now });
    this.#journal.told({ ...refusal, at: now, kind: 'refused' });
  }

  /** Tells what is left to tell. */
  close(): void {
    this.#settle(Number.POSITIVE_INFINITY);
  }

  #settle(elapsed: number): void {
    for (const [key, { refusal, since, again, last }] of this.#told) {
      if (elapsed - since < SAME_MS) break;
      this.#told.delete(key);
      if (again === 0) continue;
      const details = { ...refusal.details, again };
      this.#journal.told({ ...refusal, at: last, kind: 'refused', details });
    }
  }
}
