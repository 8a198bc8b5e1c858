import { setTimeout as sleep } from 'node:timers/promises';
import { type JournalRecord, type Recording, StoreError } from '../ports/index.ts';
import type { JournalChain, JournalMark, JournalRow } from './journal-chain.ts';
import type { JournalEvents } from './journal-events.ts';
import type { CodedRow, JournalFile } from './journal-file.ts';

/** Records in one commit. SQLite runs in this thread: others get their turn after each. */
const BATCH = 100;
/**
 * Least time between the beginnings of two commits, in milliseconds: what comes meanwhile goes into one. A commit costs as much
 * as forty records in it, so that under load this is a large part of what an entry costs; nobody waits for it when there is none.
 */
const PAUSE_MS = 20;
/** Longest wait for a commit until the disk counts as refusing, in milliseconds. */
const SLOW_MS = 5000;
/** Milliseconds until records that were refused are tried again. */
const RETRY_MS = 1000;
/** Most records that wait for a disk that refuses; further ones are counted and lost. */
const MAX_WAITING = 50_000;
/** Milliseconds between two alarms of one fault. */
const ALARM_MS = 60_000;

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

/**
 * Brings records to the disk in their order, many in one commit: what is handed over while a commit is under way goes into the
 * next one. What the disk refuses is tried again until it is kept.
 */
export class JournalWriter {
  readonly #file: Pick<JournalFile, 'append'>;
  readonly #chain: JournalChain;
  readonly #events: Pick<JournalEvents, 'failing' | 'recovered'>;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #head: Pick<JournalMark, 'count' | 'head'>;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #lastCommit = Number.NEGATIVE_INFINITY;
  #fault: StoreError | undefined;
  #alarmedAt = Number.NEGATIVE_INFINITY;
  #kept = 0;
  #failures = 0;
  #lost = 0;
  /** Of those lost: the ones that no record tells of yet. */
  #untold = 0;

  /** Goes on behind `head`. `now` is the wall clock, unix milliseconds. */
  constructor(
    parts: {
      readonly file: Pick<JournalFile, 'append'>;
      readonly chain: JournalChain;
      readonly head: Pick<JournalMark, 'count' | 'head'>;
    },
    events: Pick<JournalEvents, 'failing' | 'recovered'>,
    now: () => number,
  ) {
    this.#file = parts.file;
    this.#chain = parts.chain;
    this.#head = parts.head;
    this.#events = events;
    this.#now = now;
  }

  /** How far the records on disk have come. */
  get head(): Pick<JournalMark, 'count' | 'head'> {
    return this.#head;
  }

  /** Why records are not being kept; undefined while they are. */
  get fault(): StoreError | undefined {
    return this.#fault;
  }

  get figures(): JournalFigures {
    const waiting = this.#waiting.length;
    return { kept: this.#kept, waiting, failures: this.#failures, lost: this.#lost };
  }

  /** How many records would be lost if nothing more was written. */
  get missing(): number {
    return this.#waiting.length + this.#untold;
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

  /** Tries once more to write everything that waits. Nothing may be handed over after that. */
  async finish(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#retry);
    this.#writing = this.#writeAll();
    await this.#writing;
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
    if (performance.now() - this.#alarmedAt < ALARM_MS) return;
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
}

const tooSlow = new StoreError('failed', 'The disk takes too long to keep records of the journal.');

function rowOf(seq: number, record: JournalRecord): JournalRow {
  const { at, kind, sdkAppId = null, room = null, userId = null, ...rest } = record;
  return { seq, at, kind, sdkAppId, room, userId, body: JSON.stringify(rest) };
}
