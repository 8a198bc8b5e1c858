import type { NamedRecord, StoreError } from '../../ports/index.ts';
import type { JournalEvents } from './events.ts';
import type { JournalFile } from './file.ts';
import type { RecordOutbox } from './record-outbox.ts';
import type { JournalWriter } from './writer.ts';

/** Records that are handed over or forgotten at a time: the event loop has its turn after each. */
const PAGE = 500;
/** Milliseconds for which records that are in the journal may stay in the outbox: many are forgotten in one commit. */
const FORGET_MS = 1000;
/** Most that are remembered to be forgotten. Further ones stay in the outbox until the next start. */
const MOST = 100_000;

/** What a delivery works with. */
interface Parts {
  readonly outbox: Pick<RecordOutbox, 'add' | 'read' | 'forget'>;
  readonly file: Pick<JournalFile, 'known'>;
  readonly writer: Pick<JournalWriter, 'append' | 'settled' | 'waitingIds' | 'isFinished'>;
  readonly events: Pick<JournalEvents, 'trouble'>;
}

/**
 * Brings the records of changes from the outbox into the journal that did not get there by themselves, because the process was killed
 * before. Each gets there once, because it has an id.
 */
export class OutboxDelivery {
  readonly #parts: Parts;
  /** In the journal, and perhaps still in the outbox. */
  readonly #delivered: string[] = [];
  #timer: NodeJS.Timeout | undefined;
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
      const { outbox } = this.#parts;
      for (let after: number | undefined = 0; after !== undefined; ) {
        const page = await outbox.read({ after, limit: PAGE });
        forged += page.forged;
        after = page.next;
        await this.#handOver(page.records);
      }
    });
    return forged;
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
    const { isFinished, waitingIds } = writer;
    const waiting = records.filter(({ id }) => isFinished || waitingIds.has(id));
    if (waiting.length > 0) await outbox.add(waiting);
  }

  /** To be called when the journal writes no more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#inTurn(() => this.#forget());
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
