import { randomUUID } from 'node:crypto';
import { ServiceError } from '@roomkey/protocol';
import { EventLoopShare } from './event-loop-share.ts';
import {
  type Journal,
  type JournalRecord,
  type NamedRecord,
  type Recording,
  recorded,
} from './ports/index.ts';

/** Whether somebody may do more by a change than before, and whether it may take something at the same time. */
export type Gives = 'nothing' | 'besides' | 'only';

/** A change of what a store keeps, with its records. */
interface RecordedChange {
  readonly records: readonly JournalRecord[];
  readonly gives: Gives;
  /** Saves the change, and the records in one step with it. */
  readonly save: (records: readonly NamedRecord[]) => Promise<void>;
}

/** What was changed, and the records that have to be on disk before it is answered. */
export interface Recorded<T> {
  readonly result: T;
  readonly recordings: readonly Recording[];
}

/** Makes changes that are on record if they are made, whenever the process ends. */
export class ChangeRecorder {
  readonly #journal: Journal;
  readonly #share: EventLoopShare;

  /** `share` says how many records are made or handed over in one turn of the event loop. */
  constructor(journal: Journal, share: EventLoopShare = new EventLoopShare()) {
    this.#journal = journal;
    this.#share = share;
  }

  /**
   * Saves a change and hands its records to the journal. Returns those that have to be on disk before the change is answered:
   * none of a change that only takes.
   *
   * @throws {ServiceError} `journalUnavailable` when it gives something and its record cannot wait for the disk, or when it only
   * gives and records are not being kept; nothing has changed then. {StoreError} when the store refuses
   */
  async make({ records, gives, save }: RecordedChange): Promise<Recording[]> {
    const refusal = gives === 'nothing' ? undefined : this.#journal.grantRefusal();
    if (refusal || (gives === 'only' && !this.#journal.available))
      throw new ServiceError(refusal ?? 'journalUnavailable');
    const named: NamedRecord[] = [];
    await this.#share.each(records, (record) => named.push(withId(record)));
    await save(named);
    const recordings: Recording[] = [];
    await this.#share.each(named, (record) => {
      if (gives === 'nothing') this.#journal.append(record);
      else recordings.push(this.#journal.appendGrant(record));
    });
    return recordings;
  }

  /** Hands a record of something that no store keeps to the journal. {@link secured} waits for it. */
  tell(record: JournalRecord): NamedRecord {
    const named = withId(record);
    this.#journal.append(named);
    return named;
  }

  /** Resolves when records are on disk. @throws {ServiceError} `journalUnavailable`; what they tell of is done then */
  async secured(records: readonly NamedRecord[]): Promise<void> {
    try {
      await this.#journal.secure(records);
    } catch (cause) {
      throw new ServiceError('journalUnavailable', 'It is done, and the disk takes no record of it.', {
        cause,
      });
    }
  }
}

/** Waits until the records of a change are on disk. @throws {ServiceError} `journalUnavailable`; the change is made then */
export async function onRecord(recordings: readonly Recording[]): Promise<void> {
  try {
    await recorded(recordings);
  } catch (cause) {
    throw new ServiceError('journalUnavailable', 'It is done, and its record waits for the disk.', { cause });
  }
}

const withId = (record: JournalRecord): NamedRecord => ({ ...record, id: randomUUID() });
