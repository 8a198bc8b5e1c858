import { type Kysely, sql, type Transaction } from 'kysely';
import { type JournalRecord, type NamedRecord, StoreError } from '../../ports/index.ts';
import type { Tables } from '../schema.ts';
import { storeError } from '../sqlite-fault.ts';
import { type JournalChain, sameCode } from './chain.ts';

/** Records in one statement. SQLite runs in this thread: others get their turn after each. */
const ROWS = 100;
/** Records that are looked at at once: the event loop has its turn after each. */
const PAGE = 200;

/** Records as they are kept, and the `after` of the next page. */
interface OutboxPage {
  readonly genuine: readonly Pick<Tables['journal_outbox'], 'id' | 'record'>[];
  /** The ids of those that the server has not written. */
  readonly forged: readonly string[];
  readonly next: number | undefined;
}

/** Records of changes that are in this database and may not be in the journal yet. */
export class RecordOutbox {
  readonly #db: Kysely<Tables>;
  readonly #chain: JournalChain;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(db: Kysely<Tables>, chain: JournalChain, file: string) {
    this.#db = db;
    this.#chain = chain;
    this.#file = file;
  }

  /** Keeps records within the transaction of what they tell of. */
  async keep(all: Transaction<Tables>, records: readonly NamedRecord[]): Promise<void> {
    for (let first = 0; first < records.length; first += ROWS) {
      if (first > 0) await new Promise((resolve) => setImmediate(resolve));
      const rows = records.slice(first, first + ROWS).map(({ id, ...rest }) => {
        const record = JSON.stringify(rest);
        return { id, record, code: codeOf(this.#chain, { id, record }) };
      });
      await all
        .insertInto('journal_outbox')
        .values(rows)
        .onConflict((row) => row.column('id').doNothing())
        .execute();
    }
  }

  /** Keeps records of what nothing else is kept of. Rejects with a `StoreError`. */
  add(records: readonly NamedRecord[]): Promise<void> {
    return this.#atomically((all) => this.keep(all, records));
  }

  /**
   * A page of the records in the order in which they were kept; `next` is the `after` of the next one. What the server has not
   * written is left out and counted.
   */
  read(page: { readonly after: number; readonly limit: number }): Promise<{
    readonly records: NamedRecord[];
    readonly forged: number;
    readonly next: number | undefined;
  }> {
    return this.#page(page).then(({ genuine, forged, next }) => ({
      records: genuine.map(recordOf),
      forged: forged.length,
      next,
    }));
  }

  /** How many records are there that the server has not written. Rejects with a `StoreError`. */
  async forged(): Promise<number> {
    let forged = 0;
    for await (const ids of this.#forged()) forged += ids.length;
    return forged;
  }

  /** Forgets records that are in the journal. Rejects with a `StoreError`. */
  forget(ids: readonly string[]): Promise<void> {
    return this.#atomically(async (all) => {
      await all.deleteFrom('journal_outbox').where('id', 'in', listed(ids)).execute();
    });
  }

  /** Forgets what the server has not written; returns how many there were. Rejects with a `StoreError`. */
  async discardForged(): Promise<number> {
    let forged = 0;
    for await (const ids of this.#forged()) {
      if (ids.length > 0) await this.forget(ids);
      forged += ids.length;
    }
    return forged;
  }

  /** Makes the codes with the key of another chain, within the transaction in which the key changes. What is forged stays so. */
  async recode(all: Transaction<Tables>, chain: JournalChain): Promise<void> {
    const rows = await all.selectFrom('journal_outbox').selectAll().execute();
    for (const row of rows.filter((one) => this.#isGenuine(one)))
      await all
        .updateTable('journal_outbox')
        .set({ code: codeOf(chain, row) })
        .where('id', '=', row.id)
        .execute();
  }

  #page({ after, limit }: { readonly after: number; readonly limit: number }): Promise<OutboxPage> {
    return this.#atomically(async (all) => {
      const rows = await all
        .selectFrom('journal_outbox')
        .select(['id', 'record', 'code', sql<number>`rowid`.as('place')])
        .where(sql`rowid`, '>', after)
        .orderBy(sql`rowid`)
        .limit(limit)
        .execute();
      const isGenuine = rows.map((row) => this.#isGenuine(row));
      return {
        genuine: rows.filter((_, index) => isGenuine[index]),
        forged: rows.filter((_, index) => !isGenuine[index]).map(({ id }) => id),
        next: rows.at(-1)?.place,
      };
    });
  }

  /** The ids of what the server has not written, page by page. */
  async *#forged(): AsyncIterable<readonly string[]> {
    for (let after: number | undefined = 0; after !== undefined; ) {
      const { forged, next }: OutboxPage = await this.#page({ after, limit: PAGE });
      yield forged;
      after = next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #isGenuine({ id, record, code }: Tables['journal_outbox']): boolean {
    return sameCode(new Uint8Array(Buffer.from(code, 'hex')), this.#chain.outbox(id, record));
  }

  async #atomically<T>(job: (all: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(job);
    } catch (cause) {
      throw cause instanceof StoreError ? cause : storeError(this.#file, cause);
    }
  }
}

const codeOf = (
  chain: JournalChain,
  { id, record }: Pick<Tables['journal_outbox'], 'id' | 'record'>,
): string => Buffer.from(chain.outbox(id, record)).toString('hex');

const recordOf = ({ id, record }: Pick<Tables['journal_outbox'], 'id' | 'record'>): NamedRecord => ({
  ...(JSON.parse(record) as JournalRecord),
  id,
});

/** As one value: a statement takes a limited number of them. */
const listed = (ids: readonly string[]) => sql<string>`(select value from json_each(${JSON.stringify(ids)}))`;
