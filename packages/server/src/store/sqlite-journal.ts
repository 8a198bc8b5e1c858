import { setTimeout as sleep } from 'node:timers/promises';
import { type Journal, type JournalRecord, type Recording, StoreError } from '../ports/index.ts';
import { type Anchor, JournalAnchors } from './journal-anchors.ts';
import {
  beginning,
  type JournalChain,
  type JournalMark,
  type JournalRow,
  sameCode,
} from './journal-chain.ts';
import type { CodedRow, JournalFile } from './journal-file.ts';
import { JournalRetention } from './journal-retention.ts';

/** Records in one commit. SQLite runs in this thread: others get their turn after each. */
const BATCH = 100;
/** Least time between the beginnings of two commits, in milliseconds: what comes meanwhile goes into one. */
const PAUSE_MS = 5;
/** Longest wait for a commit until the disk counts as refusing, in milliseconds. */
const SLOW_MS = 5000;
/** Milliseconds until records that were refused are tried again. */
const RETRY_MS = 1000;
/** Most records that wait for a disk that refuses; further ones are counted and lost. */
const MAX_WAITING = 50_000;
/** Milliseconds between two anchors, and between two alarms of one fault. */
const MINUTE_MS = 60_000;
/** Milliseconds between two looks for records that are too old. */
const HOUR_MS = 3_600_000;

/** Told by the journal. Nothing of it throws. */
export interface JournalEvents {
  /** Records cannot be kept: told when it begins, and each minute that it lasts. */
  failing(fault: StoreError, waiting: number): void;
  /** They are kept again. */
  recovered(): void;
  anchored(anchor: Anchor): void;
  /** An anchor or the deletion of old records failed, or the records end before an anchor: nothing stops, somebody must look. */
  trouble(fault: StoreError): void;
}

export interface JournalOptions {
  /** Days for which records are kept. Default: for good. */
  readonly days?: number | undefined;
  /** Default: nobody is told. */
  readonly events?: JournalEvents | undefined;
  /** The wall clock, unix milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Numbers of the journal since it was opened. */
export interface JournalFigures {
  readonly kept: number;
  readonly waiting: number;
  readonly failures: number;
  readonly lost: number;
}

interface Waiting {
  readonly record: JournalRecord;
  readonly kept?: () => void;
  readonly refused?: (fault: StoreError) => void;
}

const silent: JournalEvents = {
  failing: () => {},
  recovered: () => {},
  anchored: () => {},
  trouble: () => {},
};

/**
 * The journal on disk: a chain of records in SQLite, and anchors beside it. What is handed over while a commit is under way
 * goes into the next one.
 */
export class SqliteJournal implements Journal {
  readonly #file: Pick<JournalFile, keyof JournalFile>;
  readonly #chain: JournalChain;
  readonly #anchors: Pick<JournalAnchors, keyof JournalAnchors>;
  readonly #retention: JournalRetention;
  readonly #events: JournalEvents;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  readonly #timers: NodeJS.Timeout[];
  #head: Pick<JournalMark, 'count' | 'head'>;
  /** How far the last anchor reaches. */
  #anchored: number;
  #writing: Promise<void> | undefined;
  #pruning: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #lastCommit = Number.NEGATIVE_INFINITY;
  #fault: StoreError | undefined;
  #alarmedAt = Number.NEGATIVE_INFINITY;
  #kept = 0;
  #failures = 0;
  #lost = 0;
  /** Of those lost: the ones that no record tells of yet. */
  #untold = 0;
  #closing: Promise<void> | undefined;

  /** Goes on behind `head`; `open` reads it. */
  constructor(
    parts: {
      readonly file: Pick<JournalFile, keyof JournalFile>;
      readonly chain: JournalChain;
      readonly anchors: Pick<JournalAnchors, keyof JournalAnchors>;
      readonly head: Pick<JournalMark, 'count' | 'head'>;
      readonly anchored: number;
    },
    { days = Number.POSITIVE_INFINITY, events = silent, now = Date.now }: JournalOptions,
  ) {
    this.#file = parts.file;
    this.#chain = parts.chain;
    this.#anchors = parts.anchors;
    this.#head = parts.head;
    this.#anchored = parts.anchored;
    this.#retention = new JournalRetention(parts.file, parts.chain, days);
    this.#events = events;
    this.#now = now;
    this.#timers = [
      setInterval(() => void this.#anchor(), MINUTE_MS).unref(),
      setInterval(() => this.#pruneSoon(), HOUR_MS).unref(),
    ];
    this.#pruneSoon();
  }

  /** Goes on with the journal of a file, and closes the file. @throws {StoreError} when a file cannot be read */
  static async open(
    file: JournalFile,
    anchorsFile: string,
    chain: JournalChain,
    options: JournalOptions = {},
  ): Promise<SqliteJournal> {
    try {
      const head = await headOf(file);
      const anchors = new JournalAnchors(anchorsFile, chain);
      const newest = await anchors.begin();
      if (newest && !(await reaches(file, newest)))
        options.events?.trouble(
          new StoreError(
            'failed',
            `The journal is not what ${anchorsFile} says that it was: records are missing, or an older copy was put back. Run: roomkey journal verify`,
          ),
        );
      return new SqliteJournal({ file, chain, anchors, head, anchored: newest?.count ?? 0 }, options);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get available(): boolean {
    return this.#fault === undefined;
  }

  get figures(): JournalFigures {
    const waiting = this.#waiting.length;
    return { kept: this.#kept, waiting, failures: this.#failures, lost: this.#lost };
  }

  appendGrant(record: JournalRecord): Recording {
    let kept = () => {};
    let refused: (fault: StoreError) => void = () => {};
    const atLast = new Promise<void>((resolve) => {
      kept = resolve;
    });
    const inTime = new Promise<void>((resolve, reject) => {
      refused = reject;
      void atLast.then(resolve);
    });
    // Not everybody who is given something waits for it.
    inTime.catch(() => {});
    this.#take({ record, kept, refused });
    if (this.#fault) refused(this.#fault);
    return { inTime, atLast };
  }

  append(record: JournalRecord): void {
    this.#take({ record });
  }

  /** Resolves when everything that was handed over is on disk, or was refused. */
  async settled(): Promise<void> {
    const upTo = this.#kept + this.#waiting.length;
    while (this.#kept < upTo && this.#writing) await this.#writing;
  }

  /** Keeps what waits, sets an anchor and closes the file. Idempotent. @throws {StoreError} when records are lost by it */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#pruning;
    await this.#writing;
    clearTimeout(this.#retry);
    this.#writing = this.#writeAll();
    await this.#writing;
    await this.#anchor();
    await this.#anchors.close();
    await this.#file.close();
    const missing = this.#waiting.length + this.#untold;
    if (missing > 0)
      throw new StoreError(
        this.#fault?.fault ?? 'failed',
        `What was done is done, but not on record (records lost: ${missing}). ${this.#fault?.message ?? ''}`,
      );
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#write();
      if (this.#retry) break;
    }
    clearTimeout(this.#retry);
  }

  #take(waiting: Waiting): void {
    if (this.#fault && this.#waiting.length >= MAX_WAITING) {
      this.#lost++;
      this.#untold++;
      return;
    }
    this.#waiting.push(waiting);
    if (!this.#retry) this.#writing ??= this.#soon();
  }

  /** What one turn of the event loop hands over goes into one commit, and under load what several do. */
  async #soon(): Promise<void> {
    const pause = this.#lastCommit + PAUSE_MS - performance.now();
    await (pause > 0 ? sleep(pause) : new Promise((resolve) => setImmediate(resolve)));
    await this.#write();
    // Handed over while the last commit was being told of.
    this.#writing = this.#waiting.length > 0 && !this.#retry ? this.#soon() : undefined;
  }

  async #write(): Promise<void> {
    this.#retry = undefined;
    if (this.#waiting.length === 0) return;
    for (let first = true; first || this.#waiting.length >= BATCH; first = false) {
      if (!first) await new Promise((resolve) => setImmediate(resolve));
      this.#lastCommit = performance.now();
      const batch = this.#waiting.slice(0, BATCH);
      const rows = this.#rows(batch);
      const slow = setTimeout(() => this.#refuse(tooSlow), SLOW_MS);
      try {
        await this.#file.append(rows);
      } catch (error) {
        this.#failures++;
        this.#refuse(error as StoreError);
        this.#retry = setTimeout(() => {
          this.#writing ??= this.#soon();
        }, RETRY_MS);
        return;
      } finally {
        clearTimeout(slow);
      }
      const last = rows.at(-1) as CodedRow;
      this.#head = { count: last.seq, head: last.code };
      this.#waiting.splice(0, batch.length);
      this.#kept += batch.length;
      for (const { kept } of batch) kept?.();
      this.#accept();
    }
  }

  #rows(batch: readonly Waiting[]): CodedRow[] {
    let { count: seq, head: before } = this.#head;
    return batch.map(({ record }) => {
      const row = rowOf(++seq, record);
      const code = this.#chain.record(before, row);
      before = code;
      return { ...row, code };
    });
  }

  #refuse(fault: StoreError): void {
    this.#fault = fault;
    for (const { refused } of this.#waiting) refused?.(fault);
    if (performance.now() - this.#alarmedAt < MINUTE_MS) return;
    this.#alarmedAt = performance.now();
    this.#events.failing(fault, this.#waiting.length);
  }

  #accept(): void {
    if (!this.#fault) return;
    this.#fault = undefined;
    this.#alarmedAt = Number.NEGATIVE_INFINITY;
    this.#events.recovered();
    if (this.#untold === 0) return;
    const details = { records: this.#untold };
    this.#untold = 0;
    this.append({ at: this.#now(), kind: 'lost', actor: 'system', cause: 'journalUnavailable', details });
  }

  /** Writes down, away from the records, how far they have come. */
  async #anchor(): Promise<void> {
    const { count, head } = this.#head;
    if (count === this.#anchored) return;
    const mark = { at: this.#now(), count, head };
    try {
      const anchor = await this.#anchors.add(mark);
      this.#anchored = count;
      this.#events.anchored(anchor);
    } catch (error) {
      this.#events.trouble(error as StoreError);
    }
  }

  #pruneSoon(): void {
    this.#pruning = this.#pruning.then(() => this.#prune());
  }

  /** Deletes what is older than the retention says. */
  async #prune(): Promise<void> {
    const now = this.#now();
    try {
      const stop = () => this.#closing !== undefined;
      const pruned = await this.#retention.prune({ now, last: this.#head.count, stop });
      if (!pruned) return;
      this.append({ at: now, kind: 'pruned', actor: 'system', cause: 'retention', details: { ...pruned } });
      await this.#anchors.forget(pruned.upTo);
    } catch (error) {
      this.#events.trouble(error as StoreError);
    }
  }
}

const tooSlow = new StoreError('failed', 'The disk takes too long to keep records of the journal.');

function rowOf(seq: number, record: JournalRecord): JournalRow {
  const { at, kind, sdkAppId = null, room = null, userId = null, ...rest } = record;
  return { seq, at, kind, sdkAppId, room, userId, body: JSON.stringify(rest) };
}

/** Where the chain ends. */
async function headOf(file: JournalFile): Promise<Pick<JournalMark, 'count' | 'head'>> {
  const last = (await file.ends())?.last;
  const [row] = last === undefined ? [] : await file.window(last - 1, last);
  if (row) return { count: row.seq, head: row.code };
  return (await file.checkpoint()) ?? { count: 0, head: beginning };
}

/** Whether the record that an anchor names is there, or was deleted in due course. */
async function reaches(file: JournalFile, { count, head }: JournalMark): Promise<boolean> {
  const checkpoint = await file.checkpoint();
  if (checkpoint && count < checkpoint.count) return true;
  if (checkpoint?.count === count) return sameCode(checkpoint.head, head);
  const [row] = await file.window(count - 1, count);
  return row !== undefined && sameCode(row.code, head);
}
