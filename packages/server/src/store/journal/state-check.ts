import type { JournalDifference } from '@roomkey/protocol';
import { type Actor, systemActor } from '@roomkey/tickets/permissions';
import {
  type ApplicationStore,
  type Journal,
  type JournalRecord,
  type NamedRecord,
  type RestrictionStore,
  recorded,
} from '../../ports/index.ts';
import { beginning, type JournalChain, sameCode } from './chain.ts';
import type { JournalFile } from './file.ts';
import { type Held, OperatedState } from './operated-state.ts';
import type { RecordOutbox } from './record-outbox.ts';
import { rowOf } from './writer.ts';

/** Records that are read at once: the event loop has its turn after each. */
const WINDOW = 500;
/** Records that are read from the outbox at once. */
const PAGE = 500;
/** Subjects that are compared at once. */
const SUBJECTS = 5000;

type OutboxPage = Awaited<ReturnType<RecordOutbox['read']>>;

/** What a check works with. */
interface Parts {
  readonly file: Pick<JournalFile, 'ends' | 'operated' | 'checkpoint'>;
  readonly chain: JournalChain;
  readonly outbox: Pick<RecordOutbox, 'forged' | 'read' | 'discardForged'>;
  readonly applications: Pick<ApplicationStore, 'load'>;
  readonly restrictions: Pick<RestrictionStore, 'load'>;
  readonly now: () => number;
}

/** Holds what the database holds against what the records of the journal lead to. */
export class StateCheck {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Where they differ, by subject. What changes meanwhile is looked at again. Rejects with a `StoreError` when the database or the
   * journal cannot be read.
   */
  async differences(): Promise<readonly JournalDifference[]> {
    let found = await this.#look();
    for (let again = 0; again < 2 && found.size > 0; again++) {
      const second = await this.#look();
      found = new Map([...found].filter(([subject]) => second.has(subject)));
    }
    return [...found.values()];
  }

  /** How many records wait in the outbox that the server has not written. Rejects with a `StoreError`. */
  forged(): Promise<number> {
    return this.#parts.outbox.forged();
  }

  /**
   * Makes the journal lead to what the database holds, and empties the outbox of what is forged, because somebody has looked at what
   * was found and accepts it. Returns how many differences and forged records there were.
   *
   * @throws {ServiceError} `journalUnavailable`
   */
  async accept(journal: Pick<Journal, 'appendGrant'>, actor: Actor): Promise<number> {
    const differences = await this.differences();
    const of = (await this.#parts.file.ends())?.last ?? 0;
    const at = this.#parts.now();
    const held = (await this.#stored()).at(at);
    const records = differences.map(({ subject }) =>
      standingRecord(subject, held.get(subject), { of, actor, at, cause: 'accepted' }),
    );
    const forged = await this.forged();
    if (forged > 0) {
      const details = { subject: 'outbox', of, discarded: forged };
      records.push({ at, kind: 'standing', actor, cause: 'accepted', details });
    }
    await recorded(records.map((record) => journal.appendGrant(record)));
    if (forged > 0) await this.#parts.outbox.discardForged();
    return differences.length + forged;
  }

  /** Records that say again what records up to a number say and still holds, for those are to be deleted. */
  async restated(upTo: number): Promise<JournalRecord[]> {
    const at = this.#parts.now();
    const { file } = this.#parts;
    const [first] = await file.operated(0, upTo, 1);
    if (!first) return [];
    const state = await this.#recorded();
    return [...state.at(at)]
      .filter(([, { seq }]) => seq <= upTo)
      .map(([subject, held]) =>
        standingRecord(subject, held, { of: held.seq, actor: systemActor, at, cause: 'retention' }),
      );
  }

  async #look(): Promise<Map<string, JournalDifference>> {
    const stored = await this.#stored();
    const recorded = await this.#recorded();
    const now = this.#parts.now();
    const [database, journal] = [stored.at(now), recorded.at(now)];
    const subjects = new Set([...database.keys(), ...journal.keys()]);
    const found = new Map<string, JournalDifference>();
    let looked = 0;
    for (const subject of subjects) {
      if (++looked % SUBJECTS === 0) await new Promise((resolve) => setImmediate(resolve));
      const [inDatabase, inJournal] = [database.get(subject), journal.get(subject)];
      if (isSame(inDatabase, inJournal)) continue;
      found.set(subject, { subject, database: textOf(inDatabase), journal: textOf(inJournal) });
    }
    return found;
  }

  async #stored(): Promise<OperatedState> {
    const { applications, restrictions } = this.#parts;
    return OperatedState.of(await applications.load(), await restrictions.load());
  }

  /** What the genuine records lead to: those in the journal, and behind them those that are on their way there. */
  async #recorded(): Promise<OperatedState> {
    const { file, chain } = this.#parts;
    const state = new OperatedState();
    // Before the journal: one that gets there meanwhile is in both, and none in neither.
    const waiting = await this.#waiting();
    const last = (await file.ends())?.last ?? 0;
    const checkpoint = await file.checkpoint();
    const before = ({ seq, before: code }: { seq: number; before: Uint8Array | undefined }) =>
      code ?? (checkpoint?.count === seq - 1 ? checkpoint.head : beginning);
    for (let after = 0; ; ) {
      const rows = await file.operated(after, last, WINDOW);
      for (const row of rows) {
        if (!sameCode(row.code, chain.record(before(row), row))) continue;
        state.follow(row);
        waiting.delete(row.id ?? '');
      }
      const end = rows.at(-1)?.seq;
      if (end === undefined) break;
      after = end;
    }
    let seq = last;
    for (const record of waiting.values()) state.follow(rowOf(++seq, record));
    return state;
  }

  /** The genuine records in the outbox, in their order, by their ids. */
  async #waiting(): Promise<Map<string, NamedRecord>> {
    const waiting = new Map<string, NamedRecord>();
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { records, next }: OutboxPage = await this.#parts.outbox.read({ after, limit: PAGE });
      for (const record of records) waiting.set(record.id, record);
      after = next;
    }
    return waiting;
  }
}

/** Whether both say the same; who decided it counts where both say that. */
const isSame = (one: Held | undefined, other: Held | undefined): boolean =>
  one?.value === other?.value && (one?.by === other?.by || one?.by === undefined || other?.by === undefined);

const textOf = (held: Held | undefined): string | undefined =>
  held && [held.value, ...(held.by === undefined ? [] : [held.by])].join(', ');

function standingRecord(
  subject: string,
  held: Held | undefined,
  { of, actor, at, cause }: { of: number; actor: Actor; at: number; cause: string },
): JournalRecord {
  const [, sdkAppId] = subject.split(' ');
  const details = {
    subject,
    of,
    ...(held ? { value: held.value } : {}),
    ...(held?.by === undefined ? {} : { by: held.by }),
    ...(held?.end === undefined ? {} : { end: held.end }),
  };
  return { at, kind: 'standing', sdkAppId: Number(sdkAppId), actor, cause, details };
}
