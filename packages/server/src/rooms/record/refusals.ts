import type { Clock, Journal, JournalRecord } from '../../ports/index.ts';

/** Milliseconds within which the same refusal is one record. */
const SAME_MS = 60_000;

/** Different refusals of one user within that time that are told by themselves; of further ones the room does not count. */
const MOST_REFUSALS = 10;

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
 * after that, with how often it came; so are refusals in more than a few rooms, as one of no room: nobody can fill the disk by asking.
 */
export class Refusals {
  readonly #journal: Pick<Journal, 'append'>;
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  /** In the order in which they were told. */
  readonly #told = new Map<string, Told>();
  /** How many of them each user has. */
  readonly #counts = new Map<string, number>();

  constructor(journal: Pick<Journal, 'append'>, clock: Pick<Clock, 'now' | 'elapsed'>) {
    this.#journal = journal;
    this.#clock = clock;
  }

  tell(refusal: Refusal): void {
    const now = this.#clock.now();
    const elapsed = this.#clock.elapsed();
    this.#settle(elapsed);
    const known = this.#told.get(keyOf(refusal));
    if (known) {
      again(known, now);
      return;
    }
    const user = userOf(refusal);
    const count = this.#counts.get(user) ?? 0;
    const told = count < MOST_REFUSALS ? refusal : { ...refusal, room: undefined, memberId: undefined };
    const before = this.#told.get(keyOf(told));
    if (before) {
      again(before, now);
      return;
    }
    this.#counts.set(user, count + 1);
    this.#told.set(keyOf(told), { refusal: told, since: elapsed, again: 0, last: now });
    this.#journal.append({ ...told, at: now, kind: 'refused' });
  }

  /** Tells what is left to tell. */
  close(): void {
    this.#settle(Number.POSITIVE_INFINITY);
  }

  #settle(elapsed: number): void {
    for (const [key, { refusal, since, again, last }] of this.#told) {
      if (elapsed - since < SAME_MS) break;
      this.#told.delete(key);
      const user = userOf(refusal);
      const count = (this.#counts.get(user) ?? 0) - 1;
      if (count > 0) this.#counts.set(user, count);
      else this.#counts.delete(user);
      if (again === 0) continue;
      const details = { ...refusal.details, again };
      this.#journal.append({ ...refusal, at: last, kind: 'refused', details });
    }
  }
}

const keyOf = ({ sdkAppId, room, userId, cause, details }: Refusal): string =>
  JSON.stringify([sdkAppId, room, userId, cause, details?.['observed']]);

const userOf = ({ sdkAppId, userId }: Refusal): string => JSON.stringify([sdkAppId, userId]);

function again(told: Told, now: number): void {
  told.again++;
  told.last = now;
}
