import type { JournalDifference } from '@roomkey/protocol';
import { type Actor, systemActor } from '@roomkey/tickets/permissions';
import { EventLoopShare } from '../../event-loop-share.ts';
import {
  type ApplicationStore,
  type Journal,
  type JournalRecord,
  type NamedRecord,
  type Recording,
  type RestrictionStore,
  recorded,
} from '../../ports/index.ts';
import { beginning, type JournalChain, sameCode } from './chain.ts';
import type { JournalFile } from './file.ts';
import { type Held, OperatedState } from './operated-state.ts';
import type { RecordOutbox } from './record-outbox.ts';
import { rowOf } from './writer.ts';

/** Records that are read at once: the event loop has its turn after each. */
const WINDOW = 200;
/** Records that are read from the outbox at once: the event loop has its turn after each. */
const PAGE = 200;

type OutboxPage = Awaited<ReturnType<RecordOutbox['read']>>;

/** What a check works with. */
interface Parts {
  readonly file: Pick<JournalFile, 'ends' | 'operated' | 'checkpoint'>;
  readonly chain: JournalChain;
  readonly outbox: Pick<RecordOutbox, 'forged' | 'read' | 'discardForged'>;
  readonly applications: Pick<ApplicationStore, 'load'>;
  readonly restrictions: Pick<RestrictionStore, 'loadInPieces'>;
  readonly now: () => number;
  /** How much of a comparison is done in one turn of the event loop. */
  readonly share?: EventLoopShare | undefined;
}

/** Holds what the database holds against what the records of the journal lead to. */
export class StateCheck {
  readonly #parts: Parts;
  readonly #share: EventLoopShare;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#share = parts.share ?? new EventLoopShare();
  }

  /**
   * Where they differ, by subject. What changes meanwhile is looked at again. Rejects with a `StoreError` when the database or the
   * journal cannot be read.
   */
  async differences(): Promise<readonly JournalDifference[]> {
    let found = await this.#look();
    for (let again = 0; again < 2 && found.size > 0; again++) {
      const second = await this.#look();
      found = new Map([...found].filter(([subject, one]) => isSameDifference(one, second.get(subject))));
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
    const stored = await this.#stored();
    const forged = await this.forged();
    const recordings: Recording[] = [];
    await this.#share.each(differences, ({ subject }) => {
      const record = standingRecord(subject, stored.at(subject, at), { of, actor, at, cause: 'accepted' });
      recordings.push(journal.appendGrant(record));
    });
    if (forged > 0) {
      const details = { subject: 'outbox', of, discarded: forged };
      recordings.push(journal.appendGrant({ at, kind: 'standing', actor, cause: 'accepted', details }));
    }
    await recorded(recordings);
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
    const records: JournalRecord[] = [];
    const restate = (subject: string, held: Held | undefined) => {
      const of = state.lastOf(subject);
      records.push(standingRecord(subject, held, { of, actor: systemActor, at, cause: 'retention' }));
    };
    await this.#share.each(state.subjects, (subject) => {
      const held = state.at(subject, at);
      if (held && held.seq <= upTo) restate(subject, held);
    });
    // Without their ends, what was passed over would count.
    await this.#share.each(state.endedBefore(upTo), (subject) => restate(subject, undefined));
    return records;
  }

  async #look(): Promise<Map<string, JournalDifference>> {
    const stored = await this.#stored();
    const recorded = await this.#recorded();
    const now = this.#parts.now();
    const found = new Map<string, JournalDifference>();
    for (const { subjects } of [stored, recorded])
      await this.#share.each(subjects, (subject) => {
        const [inDatabase, inJournal] = [stored.at(subject, now), recorded.at(subject, now)];
        if (isSame(inDatabase, inJournal)) return;
        found.set(subject, { subject, database: textOf(inDatabase), journal: textOf(inJournal) });
      });
    return found;
  }

  async #stored(): Promise<OperatedState> {
    const { applications, restrictions } = this.#parts;
    const state = new OperatedState();
    await this.#share.each(await applications.load(), (application) => state.keepApplication(application));
    for await (const piece of restrictions.loadInPieces()) {
      state.keepRestrictions(piece);
      await this.#share.turn();
    }
    return state;
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
      await this.#share.each(rows, (row) => {
        if (!sameCode(row.code, chain.record(before(row), row))) return;
        state.follow(row);
        waiting.delete(row.id ?? '');
      });
      await this.#share.turn();
      const end = rows.at(-1)?.seq;
      if (end === undefined) break;
      after = end;
    }
    let seq = last;
    await this.#share.each(waiting.values(), (record) => state.follow(rowOf(++seq, record)));
    return state;
  }

  /** The genuine records in the outbox, in their order, by their ids. */
  async #waiting(): Promise<Map<string, NamedRecord>> {
    const waiting = new Map<string, NamedRecord>();
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { records, next }: OutboxPage = await this.#parts.outbox.read({ after, limit: PAGE });
      for (const record of records) waiting.set(record.id, record);
      await this.#share.turn();
      after = next;
    }
    return waiting;
  }
}

/** Whether both say the same; who decided it counts where both say that. */
const isSame = (one: Held | undefined, other: Held | undefined): boolean =>
  one?.value === other?.value && (one?.by === other?.by || one?.by === undefined || other?.by === undefined);

/** What an honest change makes differ for a moment is another difference at the next look, or none. */
const isSameDifference = (one: JournalDifference, other: JournalDifference | undefined): boolean =>
  one.database === other?.database && one.journal === other?.journal;

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
