import { setTimeout as sleep } from 'node:timers/promises';
import { systemActor } from '@roomkey/tickets/permissions';
import { afterPatience } from '../../patience.ts';
import { type JournalRecord, type Recording, StoreError } from '../../ports/index.ts';
import type { JournalChain, JournalMark, JournalRow } from './chain.ts';
import type { JournalEvents } from './events.ts';
import type { CodedRow, JournalFile } from './file.ts';

/** Records in one commit. SQLite runs in this thread: others get their turn after each. */
const BATCH = 100;
/**
 * Least time between the beginnings of two commits, in milliseconds: what comes meanwhile goes into one. A commit costs as much
 * as forty records in it, so that under load this is a large part of what an entry costs; nobody waits for it when there is none.
 */
const PAUSE_MS = 20;
/** Longest wait for a commit until the disk counts as refusing, in milliseconds; time in which this process stood still counts little. */
const SLOW_MS = 5000;
/** Milliseconds until records that were refused are tried again. */
const RETRY_MS = 1000;
/**
 * Most records that wait for the disk. While there are as many, grants are refused, and further records are counted and lost, except
 * those with ids, which stay in the outbox.
 */
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
 * next one. What the disk refuses is tried again until it is kept. One loop alone writes, and `finish` waits for its end.
 */
export class JournalWriter {
  readonly #file: Pick<JournalFile, 'append' | 'known'>;
  readonly #chain: JournalChain;
  readonly #events: Pick<JournalEvents, 'failing' | 'recovered'>;
  readonly #now: () => number;
  readonly #keptNamed: (ids: readonly string[]) => void;
  readonly #waiting: Waiting[] = [];
  #head: Pick<JournalMark, 'count' | 'head'>;
  /** Writes as long as something waits; undefined: nothing does. */
  #loop: Promise<void> | undefined;
  /** Ends the wait before the next attempt. */
  #hurry: () => void = () => {};
  /** Called after the next attempt, or when the disk counts as refusing. */
  #attempted: (() => void)[] = [];
  #state: 'open' | 'finishing' | 'finished' = 'open';
  #lastCommit = Number.NEGATIVE_INFINITY;
  #fault: StoreError | undefined;
  #alarmedAt = Number.NEGATIVE_INFINITY;
  #kept = 0;
  #failures = 0;
  #lost = 0;
  /** Of those lost: the ones that no record tells of yet. */
  #untold = 0;

  /** Goes on behind `head`. `now` is the wall clock, unix milliseconds. `keptNamed` is told which records with ids are on disk. */
  constructor(
    parts: {
      readonly file: Pick<JournalFile, 'append' | 'known'>;
      readonly chain: JournalChain;
      readonly head: Pick<JournalMark, 'count' | 'head'>;
    },
    events: Pick<JournalEvents, 'failing' | 'recovered'>,
    now: () => number,
    keptNamed: (ids: readonly string[]) => void,
  ) {
    this.#file = parts.file;
    this.#chain = parts.chain;
    this.#head = parts.head;
    this.#events = events;
    this.#now = now;
    this.#keptNamed = keptNamed;
  }

  /** How far the records on disk have come. */
  get head(): Pick<JournalMark, 'count' | 'head'> {
    return this.#head;
  }

  /** Why records are not being kept; undefined while they are. */
  get fault(): StoreError | undefined {
    return this.#fault ?? (this.isFinished ? finished : undefined);
  }

  /** Nothing is written any more. */
  get isFinished(): boolean {
    return this.#state === 'finished';
  }

  /** Whether one more record can wait. */
  get hasRoom(): boolean {
    return !this.isFinished && this.#waiting.length < MAX_WAITING;
  }

  get figures(): JournalFigures {
    const waiting = this.#waiting.length;
    return { kept: this.#kept, waiting, failures: this.#failures, lost: this.#lost };
  }

  /** How many records would be lost if nothing more was written. Those with ids would not: they are in the outbox. */
  get missing(): number {
    return this.#waiting.filter(({ record: { id } }) => id === undefined).length + this.#untold;
  }

  /** The ids of the records that are not on disk yet. */
  get waitingIds(): Set<string> {
    return new Set(this.#waiting.flatMap(({ record: { id } }) => id ?? []));
  }

  /** Takes the record of a grant, however many records wait: what is granted and not asked for cannot be refused. */
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
    const { fault } = this;
    if (fault) refused(fault);
    if (this.isFinished) this.lose(record);
    else this.#take({ record, kept, refused });
    return { inTime, atLast };
  }

  /** Takes a record if there is room, or if it has an id: those come a page at a time, and later ones may not stand before them. */
  append(record: JournalRecord): void {
    if (this.hasRoom || (record.id !== undefined && !this.isFinished)) this.#take({ record });
    else this.lose(record);
  }

  /** Counts a record that is not kept. One that has an id is in the outbox. */
  lose({ id }: JournalRecord): void {
    if (id !== undefined) return;
    this.#lost++;
    this.#untold++;
  }

  /** Resolves when everything that was handed over is on disk, or the disk refuses. */
  async settled(): Promise<void> {
    const upTo = this.#kept + this.#waiting.length;
    while (this.#kept < upTo && this.#loop && !this.#fault)
      await new Promise<void>((resolve) => this.#attempted.push(resolve));
  }

  /** Tries once more to write everything that waits. What is handed over after that is lost. */
  async finish(): Promise<void> {
    this.#state = 'finishing';
    this.#hurry();
    await this.#loop;
    if (this.#waiting.length > 0) await this.#start();
    this.#state = 'finished';
  }

  #take(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (!this.#loop) void this.#start();
  }

  #start(): Promise<void> {
    this.#loop = this.#run();
    return this.#loop;
  }

  async #run(): Promise<void> {
    let isMore = false;
    while (this.#waiting.length > 0) {
      await (isMore ? nextTurn() : this.#gathered());
      const isKept = await this.#write();
      for (const attempted of this.#attempted.splice(0)) attempted();
      isMore = isKept && this.#waiting.length >= BATCH;
      if (isKept) continue;
      if (this.#state === 'finishing') break;
      await this.#beforeRetry();
    }
    this.#loop = undefined;
  }

  /** What one turn of the event loop hands over goes into one commit, and under load what several do. */
  async #gathered(): Promise<void> {
    const pause = this.#lastCommit + PAUSE_MS - performance.now();
    await (pause > 0 ? sleep(pause) : nextTurn());
  }

  async #beforeRetry(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Writes the first of those that wait; returns whether the disk has taken them. */
  async #write(): Promise<boolean> {
    this.#lastCommit = performance.now();
    const batch = this.#waiting.slice(0, BATCH);
    const answered = afterPatience(SLOW_MS, () => this.#refuse(tooSlow));
    let last: CodedRow | undefined;
    try {
      const rows = this.#rows(await this.#unknown(batch));
      if (rows.length > 0) await this.#file.append(rows);
      last = rows.at(-1);
    } catch (error) {
      this.#failures++;
      this.#refuse(error as StoreError);
      return false;
    } finally {
      answered();
    }
    if (last) this.#head = { count: last.seq, head: last.code };
    this.#waiting.splice(0, batch.length);
    this.#kept += batch.length;
    for (const { kept } of batch) kept?.();
    const ids = batch.flatMap(({ record: { id } }) => id ?? []);
    if (ids.length > 0) this.#keptNamed(ids);
    this.#accept();
    return true;
  }

  /** Those that are not in the journal: a record with an id may be handed over twice. */
  async #unknown(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const ids = batch.flatMap(({ record: { id } }) => id ?? []);
    if (ids.length === 0) return batch;
    const known = new Set(await this.#file.known(ids));
    return batch.filter(({ record: { id } }) => id === undefined || (!known.has(id) && known.add(id)));
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
    for (const attempted of this.#attempted.splice(0)) attempted();
    if (performance.now() - this.#alarmedAt < ALARM_MS) return;
    this.#alarmedAt = performance.now();
    this.#events.failing(fault, this.#waiting.length);
  }

  #accept(): void {
    if (this.#fault) {
      this.#fault = undefined;
      this.#alarmedAt = Number.NEGATIVE_INFINITY;
      this.#events.recovered();
    }
    if (this.#untold === 0 || !this.hasRoom) return;
    const details = { records: this.#untold };
    this.#untold = 0;
    this.append({ at: this.#now(), kind: 'lost', actor: systemActor, cause: 'journalUnavailable', details });
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const tooSlow = new StoreError('failed', 'The disk takes too long to keep records of the journal.');
const finished = new StoreError('failed', 'The journal is closed.');

/** A record as it is kept under a number. */
export function rowOf(seq: number, record: JournalRecord): JournalRow {
  const { at, kind, sdkAppId = null, room = null, userId = null, id = null, ...rest } = record;
  return { seq, at, kind, sdkAppId, room, userId, id, body: JSON.stringify(rest) };
}
