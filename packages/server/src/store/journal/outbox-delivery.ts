import type { NamedRecord, StoreError } from '../../ports/index.ts';
import type { JournalEvents } from './events.ts';
import type { JournalFile } from './file.ts';
import type { RecordOutbox } from './record-outbox.ts';
import type { JournalWriter } from './writer.ts';

/** Records that are handed over or forgotten at a time: the event loop has its turn after each. */
const PAGE = 500;
/** Milliseconds for which records that are in the journal may stay in the outbox: many are forgotten in one commit. */
const FORGET_MS = 1000;
/** Milliseconds until it is tried to bring the records that are in the outbox alone into the journal. */
const CATCH_UP_MS = 1000;
/** Most that are remembered to be forgotten. Further ones stay in the outbox until the next start. */
const MOST = 100_000;

/** What a delivery works with. */
interface Parts {
  readonly outbox: Pick<RecordOutbox, 'add' | 'read' | 'forget'>;
  readonly file: Pick<JournalFile, 'known'>;
  readonly writer: Pick<JournalWriter, 'append' | 'settled' | 'waitingIds' | 'isFinished' | 'fault'>;
  readonly events: Pick<JournalEvents, 'trouble'>;
}

/**
 * Brings the records of changes from the outbox into the journal that did not get there by themselves, because the process was killed
 * before, or because too many waited in memory. Each gets there once, because it has an id.
 */
export class OutboxDelivery {
  readonly #parts: Parts;
  /** In the journal, and perhaps still in the outbox. */
  readonly #delivered: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** How many records were left in the outbox alone. */
  #left = 0;
  #isBehind = false;
  #catchUpTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Hands over what an earlier life has left; resolves when it is in the journal, or the journal refuses, with the number of records
   * that the server has not written. They are ignored.
   */
  async begin(): Promise<number> {
    let forged = 0;
    await this.#inTurn(async () => {
      const delivered = await this.#deliver();
      forged = delivered.forged;
      if (!delivered.isDone) this.leave();
    });
    return forged;
  }

  /** Whether records are in the outbox alone. What comes now has to stay behind them. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** A record is in the outbox alone, and goes on from there when the journal has room. */
  leave(): void {
    this.#left++;
    this.#isBehind = true;
    this.#catchUpTimer ??= setTimeout(() => void this.#catchUp(), CATCH_UP_MS).unref();
  }

  /** Records that are in the journal now. */
  kept(ids: readonly string[]): void {
    for (const id of ids) if (this.#delivered.length < MOST) this.#delivered.push(id);
    if (this.#delivered.length > 0)
      this.#timer ??= setTimeout(() => void this.#inTurn(() => this.#forget()), FORGET_MS).unref();
  }

  /** Resolves when records that were handed to the journal are on disk, there or in the outbox. Rejects with a `StoreError`. */
  async secure(records: readonly NamedRecord[]): Promise<void> {
    const { writer, outbox } = this.#parts;
    await writer.settled();
    const waiting = writer.waitingIds;
    const left = await this.#leftOf(records.filter(({ id }) => !waiting.has(id)));
    const unsafe = [...records.filter(({ id }) => waiting.has(id)), ...left];
    if (unsafe.length === 0) return;
    await outbox.add(unsafe);
    if (left.length > 0 && !writer.isFinished) this.leave();
  }

  /** To be called when the journal writes no more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#catchUpTimer);
    await this.#inTurn(() => this.#forget());
  }

  /** Those of some records that wait no more which are not in the journal either: they were left, and nothing else keeps them. */
  async #leftOf(records: readonly NamedRecord[]): Promise<readonly NamedRecord[]> {
    const { file, writer } = this.#parts;
    if (writer.isFinished || this.#isBehind || (this.#left > 0 && writer.fault)) return records;
    if (this.#left === 0 || records.length === 0) return [];
    const known = await file.known(records.map(({ id }) => id));
    return records.filter(({ id }) => !known.has(id));
  }

  async #catchUp(): Promise<void> {
    const { writer } = this.#parts;
    await this.#inTurn(async () => {
      const left = this.#left;
      // Who is left behind meanwhile may not be in what is read.
      if (!writer.fault && (await this.#deliver()).isDone && left === this.#left) this.#isBehind = false;
    });
    const again = () => void this.#catchUp();
    const goesOn = this.#isBehind && !writer.isFinished;
    this.#catchUpTimer = goesOn ? setTimeout(again, CATCH_UP_MS).unref() : undefined;
  }

  /** Hands over what is in the outbox, page by page, as long as the journal takes it. */
  async #deliver(): Promise<{ readonly forged: number; readonly isDone: boolean }> {
    const { outbox, writer } = this.#parts;
    let forged = 0;
    await writer.settled();
    let isDone = !writer.fault;
    for (let after: number | undefined = 0; after !== undefined; ) {
      const page = await outbox.read({ after, limit: PAGE });
      forged += page.forged;
      after = page.next;
      // Nothing goes before what the journal did not take.
      if (isDone) await this.#handOver(page.records);
      isDone &&= !writer.fault;
    }
    return { forged, isDone };
  }

  async #handOver(records: readonly NamedRecord[]): Promise<void> {
    const { file, writer } = this.#parts;
    if (records.length === 0) return;
    const known = await file.known(records.map(({ id }) => id));
    this.kept([...known]);
    for (const record of records) if (!known.has(record.id)) writer.append(record);
    await writer.settled();
  }

  async #forget(): Promise<void> {
    this.#timer = undefined;
    for (let ids = this.#delivered.slice(0, PAGE); ids.length > 0; ids = this.#delivered.slice(0, PAGE)) {
      await this.#parts.outbox.forget(ids);
      // Only now: what the database did not forget is tried again with the next ones.
      this.#delivered.splice(0, ids.length);
      // A commit blocks this thread, and others would get no turn between two of them.
      if (this.#delivered.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What fails is told. Nothing is lost by it: the next start finds the same records in the outbox. */
  #inTurn(job: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(job).catch((error) => this.#parts.events.trouble(error as StoreError));
    return this.#running;
  }
}
