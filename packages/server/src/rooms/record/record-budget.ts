import type { ErrorName } from '@roomkey/protocol';
import type { Clock, Journal, JournalRecord, NamedRecord, Recording } from '../../ports/index.ts';

/** Milliseconds of one budget. */
const WINDOW_MS = 60_000;

/** Records of one user in one window that are kept whatever they say. Of further ones, what was said already is only counted. */
const FREE = 10;

/** Most records in a minute. */
interface RecordLimits {
  readonly ofUser: number;
  readonly ofApplication: number;
}

/** A record that was kept, and how often the same came again. */
interface Kept {
  readonly record: JournalRecord;
  /** Undefined also when the disk refused it in time: then the next one of the same is a record of its own. */
  recording: Recording | undefined;
  again: number;
  /** Unix milliseconds. */
  last: number;
}

/** What one user has brought on record in this window. */
interface OfUser {
  records: number;
  /** By what they say. */
  readonly kept: Map<string, Kept>;
}

/**
 * A journal that members cannot fill. In each minute the first few records of a user are kept as they are. Of further ones, a record
 * that says the same as an earlier one is counted, and told once when the minute is over, with how often it came: so changes that
 * undo each other again and again are not recorded one by one. A user, and an application, has a budget of records; when it is used
 * up, what a member asks for and would give something is refused, and what takes is counted by its kind. What operators do is not
 * bounded.
 */
export class RecordBudget implements Journal {
  readonly #journal: Journal;
  readonly #clock: Pick<Clock, 'elapsed' | 'after'>;
  readonly #limits: RecordLimits;
  readonly #users = new Map<string, OfUser>();
  readonly #applications = new Map<number, number>();
  #since = Number.NEGATIVE_INFINITY;
  #stop: () => void = () => {};

  constructor(journal: Journal, limits: RecordLimits, clock: Pick<Clock, 'elapsed' | 'after'>) {
    this.#journal = journal;
    this.#limits = limits;
    this.#clock = clock;
  }

  get available(): boolean {
    return this.#journal.available;
  }

  grantRefusal(of: Pick<JournalRecord, 'sdkAppId' | 'userId'> = {}): ErrorName | undefined {
    const refusal = this.#journal.grantRefusal(of);
    return refusal ?? (this.#isUsedUp(of) ? 'tooManyChanges' : undefined);
  }

  appendGrant(record: JournalRecord): Recording {
    const [kept, key] = this.#before(record);
    // What it gives is on record already, as soon as that record is.
    if (kept?.recording) {
      again(kept, record);
      return kept.recording;
    }
    const recording = this.#journal.appendGrant(record);
    this.#keep(key, record, recording);
    return recording;
  }

  append(record: JournalRecord): void {
    const [kept, key] = this.#before(record);
    if (kept) {
      again(kept, record);
      return;
    }
    if (key !== undefined && this.#isUsedUp(record)) {
      this.#countKind(record);
      return;
    }
    this.#journal.append(record);
    this.#keep(key, record, undefined);
  }

  secure(records: readonly NamedRecord[]): Promise<void> {
    return this.#journal.secure(records);
  }

  /** Tells what is left to tell. */
  close(): void {
    this.#stop();
    this.#turnOver();
  }

  /** Counts a record; what was said already in this window, and the name under which it is kept, when the free ones are used up. */
  #before(record: JournalRecord): [Kept | undefined, string | undefined] {
    const { sdkAppId, userId, actor } = record;
    if (sdkAppId === undefined || userId === undefined || actor.type === 'operator')
      return [undefined, undefined];
    const elapsed = this.#clock.elapsed();
    if (elapsed - this.#since >= WINDOW_MS) {
      this.#turnOver();
      this.#since = elapsed;
    }
    const name = userOf(sdkAppId, userId);
    const user = this.#users.get(name) ?? { records: 0, kept: new Map() };
    this.#users.set(name, user);
    if (user.records < FREE) {
      this.#count(user, sdkAppId);
      return [undefined, undefined];
    }
    const key = sayingOf(record);
    const kept = user.kept.get(key);
    return [kept, key];
  }

  #count(user: OfUser, sdkAppId: number): void {
    user.records++;
    this.#applications.set(sdkAppId, (this.#applications.get(sdkAppId) ?? 0) + 1);
  }

  /** Remembers what was kept behind the free ones. */
  #keep(key: string | undefined, record: JournalRecord, recording: Recording | undefined): void {
    const { sdkAppId = 0, userId = '', at } = record;
    const user = this.#users.get(userOf(sdkAppId, userId));
    if (key === undefined || !user) return;
    this.#count(user, sdkAppId);
    this.#watch();
    const known = user.kept.get(key);
    if (!known && user.kept.size >= this.#limits.ofUser) return;
    const kept = known ?? { record, recording, again: 0, last: at };
    kept.recording = recording;
    recording?.inTime.catch(() => {
      if (kept.recording === recording) kept.recording = undefined;
    });
    user.kept.set(key, kept);
  }

  /** The budget is used up: only how many there are of a kind is kept. */
  #countKind(record: JournalRecord): void {
    const { sdkAppId = 0, userId = '', at, kind, actor } = record;
    const user = this.#users.get(userOf(sdkAppId, userId));
    const counted = { at, kind, sdkAppId, userId, actor, cause: 'tooManyChanges' };
    const kept = user?.kept.get(kind) ?? { record: counted, recording: undefined, again: 0, last: at };
    user?.kept.set(kind, kept);
    again(kept, record);
    this.#watch();
  }

  #isUsedUp({ sdkAppId, userId }: Pick<JournalRecord, 'sdkAppId' | 'userId'>): boolean {
    if (sdkAppId === undefined || userId === undefined) return false;
    if (this.#clock.elapsed() - this.#since >= WINDOW_MS) return false;
    const { ofUser, ofApplication } = this.#limits;
    const user = this.#users.get(userOf(sdkAppId, userId));
    return (user?.records ?? 0) >= ofUser || (this.#applications.get(sdkAppId) ?? 0) >= ofApplication;
  }

  /** So that what was counted is told although nothing else comes. */
  #watch(): void {
    this.#stop();
    const left = this.#since + WINDOW_MS - this.#clock.elapsed();
    this.#stop = this.#clock.after(Math.max(left, 0), () => this.#turnOver());
  }

  /** Tells what was counted, and begins a new window. */
  #turnOver(): void {
    this.#stop();
    const users = [...this.#users.values()];
    this.#users.clear();
    this.#applications.clear();
    this.#since = Number.NEGATIVE_INFINITY;
    for (const { kept } of users)
      for (const { record, again: times, last } of kept.values())
        if (times > 0) {
          const details = { ...record.details, again: times };
          this.#journal.append({ ...record, memberId: undefined, at: last, details });
        }
  }
}

function again(kept: Kept, { at }: JournalRecord): void {
  kept.again++;
  kept.last = at;
}

const userOf = (sdkAppId: number, userId: string): string => `${sdkAppId} ${userId}`;

/** What a record says, whatever the stay and the time. */
const sayingOf = ({ at, memberId, ...said }: JournalRecord): string => JSON.stringify(said);
