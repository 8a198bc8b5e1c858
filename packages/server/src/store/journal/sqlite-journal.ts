import { systemActor } from '@roomkey/tickets/permissions';
import { CautiousTime } from '../../cautious-time.ts';
import {
  type Journal,
  type JournalRecord,
  type NamedRecord,
  type Recording,
  recorded,
  StoreError,
} from '../../ports/index.ts';
import { JournalAnchors } from './anchors.ts';
import { JournalBound } from './bound.ts';
import type { JournalChain, JournalMark } from './chain.ts';
import { type JournalEvents, silent } from './events.ts';
import type { JournalFile } from './file.ts';
import { headOf, knownFrom, reachesAll, renewCheckpoint } from './head.ts';
import { OutboxDelivery } from './outbox-delivery.ts';
import type { RecordOutbox } from './record-outbox.ts';
import { JournalRetention } from './retention.ts';
import { type JournalFigures, JournalWriter } from './writer.ts';

/** Milliseconds between two anchors. */
const MINUTE_MS = 60_000;
/** Milliseconds between two looks for records that are too old. */
const HOUR_MS = 3_600_000;

/** Records that are said again at a time. */
const PAGE = 500;

/** What was found about a journal that an operator must look into. */
type JournalWarning = 'anchorsMissing' | 'anchorsAhead' | 'outboxForged' | 'stateDiffers' | 'nearlyFull';

export interface JournalOptions {
  /** Days for which records are kept. Default: for good. */
  readonly days?: number | undefined;
  /** Most bytes that the records may take; see `grantRefusal`. Default: no bound. */
  readonly maxBytes?: number | undefined;
  /** Default: nobody is told. */
  readonly events?: JournalEvents | undefined;
  /** The wall clock, unix milliseconds. */
  readonly now?: (() => number) | undefined;
  /** The monotonic clock, milliseconds. */
  readonly elapsed?: (() => number) | undefined;
}

/** The journal on disk: a chain of records in SQLite, and anchors beside it. */
export class SqliteJournal implements Journal {
  readonly #file: Pick<JournalFile, keyof JournalFile>;
  readonly #writer: JournalWriter;
  readonly #delivery: OutboxDelivery;
  readonly #anchors: Pick<JournalAnchors, keyof JournalAnchors>;
  readonly #retention: JournalRetention;
  readonly #bound: JournalBound;
  readonly #events: JournalEvents;
  readonly #now: () => number;
  readonly #cautious: CautiousTime;
  /** A time that was before this process began, unix milliseconds; undefined: none is known. */
  readonly knownTime: number | undefined;
  readonly #timers: NodeJS.Timeout[];
  readonly #warnings = new Set<JournalWarning>();
  /** How far the last anchor reaches. */
  #anchored: number;
  #pruning: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Goes on behind `head`; `open` reads it. */
  constructor(
    parts: {
      readonly file: Pick<JournalFile, keyof JournalFile>;
      readonly chain: JournalChain;
      readonly anchors: Pick<JournalAnchors, keyof JournalAnchors>;
      readonly outbox: Pick<RecordOutbox, 'add' | 'read' | 'forget'>;
      /** The records that say again what is about to be deleted, up to a number, and still holds. */
      readonly restated: (upTo: number) => Promise<readonly JournalRecord[]>;
      readonly head: Pick<JournalMark, 'count' | 'head'>;
      readonly anchored: number;
      /** A time that was before now, however wrong the wall clock is, unix milliseconds; undefined: none is known. */
      readonly knownTime?: number | undefined;
    },
    {
      days = Number.POSITIVE_INFINITY,
      maxBytes = Number.POSITIVE_INFINITY,
      events = silent,
      now = Date.now,
      elapsed = () => performance.now(),
    }: JournalOptions,
  ) {
    this.#file = parts.file;
    this.#anchors = parts.anchors;
    this.#anchored = parts.anchored;
    this.#retention = new JournalRetention(parts.file, parts.chain, days, async (upTo) =>
      this.#restate(await parts.restated(upTo)),
    );
    this.#events = events;
    this.#now = now;
    this.knownTime = parts.knownTime;
    this.#cautious = new CautiousTime({ now, elapsed }, parts.knownTime);
    this.#writer = new JournalWriter(parts, events, now, (ids) => this.#delivery.kept(ids));
    const { file, outbox } = parts;
    this.#delivery = new OutboxDelivery({ file, outbox, writer: this.#writer, events });
    this.#bound = new JournalBound({ file, kept: () => this.#writer.figures.kept, maxBytes, events });
    this.#timers = [
      setInterval(() => void this.#anchor().then(() => this.#bound.measure()), MINUTE_MS).unref(),
      setInterval(() => this.#pruneSoon(), HOUR_MS).unref(),
    ];
    this.#pruneSoon();
  }

  /**
   * Goes on with the journal of a file, and closes the file. What waits in the outbox is in the journal then.
   *
   * @throws {StoreError} when a file cannot be read
   */
  static async open(
    {
      file,
      anchorsFile,
      chain,
      outbox,
      restated,
    }: {
      readonly file: JournalFile;
      readonly anchorsFile: string;
      readonly chain: JournalChain;
      readonly outbox: RecordOutbox;
      readonly restated: (upTo: number) => Promise<readonly JournalRecord[]>;
    },
    options: JournalOptions = {},
  ): Promise<SqliteJournal> {
    try {
      const head = await headOf(file);
      // The master key was changed, and nothing is on record since.
      const isRotated = chain.changedAt === head.count;
      if (isRotated) await renewCheckpoint(file, chain);
      const anchors = new JournalAnchors(anchorsFile, chain);
      const last = await anchors.begin();
      const newest = last.at(-1);
      // So that a journal that has records has an anchor, always.
      if (!newest && head.count === 0) await anchors.add({ at: (options.now ?? Date.now)(), ...head });
      // Where anchors are missing, none is set before there is something new: it would hide that.
      const anchored = newest?.count ?? head.count;
      const knownTime = knownFrom(newest, head.at);
      const parts = { file, chain, anchors, outbox, restated, head, anchored, knownTime };
      const journal = new SqliteJournal(parts, options);
      if (isRotated) {
        const details = { upTo: head.count };
        const at = journal.#now();
        journal.append({ at, kind: 'keyRotated', actor: systemActor, cause: 'masterKey', details });
        await journal.settled();
      }
      await journal.#bound.measure();
      if (!newest && head.count > 0)
        journal.warn(
          'anchorsMissing',
          `There are ${head.count} records, and no anchor in ${anchorsFile} says so. Somebody has deleted the anchors; records may be missing too.`,
        );
      if (!(await reachesAll(file, last)))
        journal.warn(
          'anchorsAhead',
          `The journal is not what ${anchorsFile} says that it was: records are missing, or an older copy was put back.`,
        );
      if ((await journal.#delivery.begin()) > 0)
        journal.warn(
          'outboxForged',
          'The database holds records for the journal that the server has not written. They are ignored. Somebody has changed roomkey.db.',
        );
      return journal;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How many records there have been. */
  get count(): number {
    return this.#writer.head.count;
  }

  /** What an operator must look into. */
  get warnings(): readonly JournalWarning[] {
    return [...this.#warnings, ...(this.#bound.isNear ? (['nearlyFull'] as const) : [])];
  }

  /** Tells of something that an operator must look into, and remembers it until the process ends. */
  warn(warning: JournalWarning, text: string): void {
    this.#warnings.add(warning);
    this.#events.trouble(new StoreError('failed', `${text} Run: roomkey journal verify`));
  }

  get available(): boolean {
    return this.#writer.fault === undefined;
  }

  grantRefusal(): 'journalUnavailable' | undefined {
    const hasRoom = this.#writer.hasRoom && !this.#delivery.isBehind && !this.#bound.isReached;
    return hasRoom ? undefined : 'journalUnavailable';
  }

  get figures(): JournalFigures & { readonly bytes: number } {
    return { ...this.#writer.figures, bytes: this.#bound.bytes };
  }

  appendGrant(record: JournalRecord): Recording {
    return this.#writer.appendGrant(record);
  }

  append(record: JournalRecord): void {
    const isNamed = record.id !== undefined;
    // It is in the outbox, so that memory holds no more of what operators do either.
    if (isNamed && !this.#writer.isFinished && (this.#delivery.isBehind || !this.#writer.hasRoom))
      this.#delivery.leave();
    // Beyond the reserve only what operators do is kept.
    else if (this.#bound.isExceeded && !isNamed) this.#writer.lose(record);
    else this.#writer.append(record);
  }

  secure(records: readonly NamedRecord[]): Promise<void> {
    return this.#delivery.secure(records);
  }

  /** Resolves when everything that was handed over is on disk, or was refused. */
  settled(): Promise<void> {
    return this.#writer.settled();
  }

  /** Keeps what waits, sets an anchor and closes the file. Idempotent. @throws {StoreError} when records are lost by it */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#pruning;
    await this.#writer.finish();
    await this.#delivery.close();
    await this.#anchor();
    await this.#anchors.close();
    await this.#file.close();
    const { missing, fault } = this.#writer;
    if (missing > 0)
      throw new StoreError(
        fault?.fault ?? 'failed',
        `What was done is done, but not on record (records lost: ${missing}). ${fault?.message ?? ''}`,
      );
  }

  /** Writes down, away from the records, how far they have come. */
  async #anchor(): Promise<void> {
    const { count, head } = this.#writer.head;
    if (count === this.#anchored) return;
    const { now: at, believed } = this.#cautious.look();
    const mark = { at, believed: believed === at ? undefined : believed, count, head };
    try {
      const anchor = await this.#anchors.add(mark);
      this.#anchored = count;
      this.#events.anchored(anchor);
    } catch (error) {
      this.#events.trouble(error as StoreError);
    }
  }

  /** Says again what is about to be deleted, however full the journal is; returns whether all of it is on disk. */
  async #restate(records: readonly JournalRecord[]): Promise<boolean> {
    try {
      // A page at a time, so that there is room for others among the records that wait.
      for (let first = 0; first < records.length; first += PAGE) {
        const page = records.slice(first, first + PAGE);
        await recorded(page.map((record) => this.appendGrant(record)));
      }
      return true;
    } catch {
      return false;
    }
  }

  #pruneSoon(): void {
    this.#pruning = this.#pruning.then(() => this.#prune());
  }

  /** Deletes what is older than the retention says; nothing while the wall clock is not believed. */
  async #prune(): Promise<void> {
    const now = this.#cautious.now();
    if (now === undefined) return;
    try {
      const stop = () => this.#closing !== undefined;
      const pruned = await this.#retention.prune({ now, last: this.#writer.head.count, stop });
      if (!pruned) return;
      const details = { ...pruned };
      // Not with `append`: the journal may have been beyond its reserve until now.
      this.#writer.append({ at: now, kind: 'pruned', actor: systemActor, cause: 'retention', details });
      await this.#anchors.forget(pruned.upTo);
      await this.#bound.measure();
    } catch (error) {
      this.#events.trouble(error as StoreError);
    }
  }
}
