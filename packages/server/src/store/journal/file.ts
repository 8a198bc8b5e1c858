import Database from 'libsql/promise';
import { BUSY_MS, openSqlite } from '../sqlite-database.ts';
import { storeError } from '../sqlite-fault.ts';
import type { JournalMark, JournalRow } from './chain.ts';
import { isOperated, journalMigrations } from './migrations.ts';

/** The part of the driver that is used; its own declarations leave the types open. */
interface Connection {
  exec(sql: string): Promise<void>;
  prepare(sql: string): Promise<Statement>;
  readonly inTransaction: boolean;
  close(): void;
}

interface Statement {
  run(...values: readonly (string | number | Uint8Array | null)[]): unknown;
  all(...values: readonly (string | number | null)[]): Promise<unknown[]>;
}

/** A record and its code. */
export interface CodedRow extends JournalRow {
  readonly code: Uint8Array;
}

/** What stands for the records that were deleted, and its own code. */
export interface Checkpoint extends JournalMark {
  readonly code: Uint8Array;
}

/** Which records are asked for; what is absent does not matter. */
export interface JournalFilter {
  readonly sdkAppId?: number | undefined;
  /** Room key text. */
  readonly room?: string | undefined;
  readonly userId?: string | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Unix milliseconds; records of this time and later, and before that time. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const columns = 'seq, at, kind, sdk_app_id as sdkAppId, room, user_id as userId, body, code, id';

const statements = {
  insert: 'insert into records values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  window: `select ${columns} from records where seq > ?1 and seq <= ?2
    and (?3 is null or sdk_app_id = ?3) and (?4 is null or room = ?4) and (?5 is null or user_id = ?5)
    and (?6 is null or kind in (select value from json_each(?6)))
    and (?7 is null or at >= ?7) and (?8 is null or at < ?8) order by seq`,
  // Each by itself is found at once; both in one query are looked for in all records.
  ends: 'select (select min(seq) from records) as first, (select max(seq) from records) as last',
  next: 'select min(seq) as seq from records where seq > ?',
  young: 'select seq from records where seq > ? and seq <= ? and at >= ? order by seq limit 1',
  known: 'select id from records where id in (select value from json_each(?))',
  // What operators have brought about; the index holds nothing else.
  operated: `select ${columns}, (select code from records as earlier where earlier.seq = records.seq - 1) as before
    from records indexed by records_operated where (${isOperated}) and seq > ? and seq <= ? order by seq limit ?`,
  bytes: `select (page_count - freelist_count) * page_size as bytes
    from pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
  checkpoint: 'select at, count, head, code from checkpoint',
} as const;

type Name = keyof typeof statements;

/**
 * The file of the journal. Its commits wait for the disk on another thread, so that the event loop does not wait. It is a file of
 * its own, so that no other change waits for its lock. Calls take effect one after another. Each rejects with a `StoreError`.
 */
export class JournalFile {
  readonly #file: string;
  readonly #connection: Connection;
  readonly #prepared: Readonly<Record<Name, Statement>>;
  #tail: Promise<unknown> = Promise.resolve();

  /** Takes over a connection; `open` makes it. */
  constructor(file: string, connection: Connection, prepared: Readonly<Record<Name, Statement>>) {
    this.#file = file;
    this.#connection = connection;
    this.#prepared = prepared;
  }

  /** Opens the file, makes it when it is not there, and brings it to its newest form. @throws {StoreError} */
  static async open(file: string): Promise<JournalFile> {
    await openSqlite(file, journalMigrations, 'ahead').then((db) => db.destroy());
    const connection = new Database(file, {}) as unknown as Connection;
    try {
      await connection.exec(`pragma busy_timeout = ${BUSY_MS}; pragma synchronous = extra`);
      const prepared = Object.entries(statements).map(async ([name, sql]) => [
        name,
        await connection.prepare(sql),
      ]);
      return new JournalFile(file, connection, Object.fromEntries(await Promise.all(prepared)));
    } catch (cause) {
      connection.close();
      throw storeError(file, cause);
    }
  }

  /** Keeps records behind those that are there: all or none. */
  append(rows: readonly CodedRow[]): Promise<void> {
    return this.#inTurn(() =>
      this.#atomically(() => {
        for (const { seq, at, kind, sdkAppId, room, userId, body, code, id } of rows)
          this.#prepared.insert.run(seq, at, kind, sdkAppId, room, userId, body, code, id);
      }),
    );
  }

  /** The records with numbers above `after` and up to `upTo` that fit. */
  async window(after: number, upTo: number, filter: JournalFilter = {}): Promise<CodedRow[]> {
    const { sdkAppId = null, room = null, userId = null, kinds, since = null, until = null } = filter;
    const kind = kinds ? JSON.stringify(kinds) : null;
    const rows = await this.#all<CodedRow>('window', after, upTo, sdkAppId, room, userId, kind, since, until);
    return rows.map((row) => ({ ...row, code: bytesOf(row.code) }));
  }

  /** The numbers of the first and the last record; undefined when there is none. */
  async ends(): Promise<{ readonly first: number; readonly last: number } | undefined> {
    const [ends] = await this.#all<{ first: number | null; last: number | null }>('ends');
    return typeof ends?.first === 'number' && typeof ends.last === 'number'
      ? { first: ends.first, last: ends.last }
      : undefined;
  }

  /** The number of the first record behind another one. */
  async next(after: number): Promise<number | undefined> {
    const [row] = await this.#all<{ seq: number | null }>('next', after);
    return row?.seq ?? undefined;
  }

  /** The number of the first record of a window that is not older than `at`. */
  async young(after: number, upTo: number, at: number): Promise<number | undefined> {
    const [row] = await this.#all<{ seq: number }>('young', after, upTo, at);
    return row?.seq;
  }

  /** Which of some ids belong to records that are there. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.#all<{ id: string }>('known', JSON.stringify(ids));
    return new Set(rows.map(({ id }) => id));
  }

  /**
   * A page of the records that tell what operators have brought about, with numbers above `after` and up to `upTo`; each with the
   * code of the record before it, if that is there.
   */
  async operated(
    after: number,
    upTo: number,
    limit: number,
  ): Promise<(CodedRow & { readonly before: Uint8Array | undefined })[]> {
    const rows = await this.#all<CodedRow & { before: unknown }>('operated', after, upTo, limit);
    return rows.map(({ before, ...row }) => ({
      ...row,
      code: bytesOf(row.code),
      before: before === null ? undefined : bytesOf(before),
    }));
  }

  /** How many bytes the records take; what was deleted is used again before the file grows. */
  async bytes(): Promise<number> {
    const [row] = await this.#all<{ bytes: number }>('bytes');
    return row?.bytes ?? 0;
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    const [checkpoint] = await this.#all<Checkpoint>('checkpoint');
    return checkpoint && { ...checkpoint, head: bytesOf(checkpoint.head), code: bytesOf(checkpoint.code) };
  }

  /** Deletes the records up to a checkpoint, which stands for them from then on. */
  prune({ at, count, head, code }: Checkpoint): Promise<void> {
    const blob = (bytes: Uint8Array) => `x'${Buffer.from(bytes).toString('hex')}'`;
    // As one text, so that all of it runs on the other thread; there is nothing in it but numbers.
    return this.#inTurn(() =>
      this.#atomically(() =>
        this.#connection.exec(
          `delete from records where seq <= ${Number(count)}; delete from checkpoint;
          insert into checkpoint values (${Number(at)}, ${Number(count)}, ${blob(head)}, ${blob(code)})`,
        ),
      ),
    );
  }

  /** Waits for what is under way, and brings everything into the one file. */
  async close(): Promise<void> {
    await this.#tail;
    // What cannot be brought there now is found in the log beside the file by whoever opens it next.
    await this.#connection.exec('pragma wal_checkpoint(truncate)').catch(() => undefined);
    this.#connection.close();
  }

  async #atomically(job: () => unknown): Promise<void> {
    await this.#connection.exec('begin immediate');
    try {
      await job();
      await this.#connection.exec('commit');
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.#connection.inTransaction) await this.#connection.exec('rollback').catch(() => undefined);
      throw error;
    }
  }

  #all<Row>(name: Exclude<Name, 'insert'>, ...values: readonly (string | number | null)[]): Promise<Row[]> {
    return this.#inTurn(async () => (await this.#prepared[name].all(...values)) as Row[]);
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(job).catch((cause: unknown) => {
      throw storeError(this.#file, cause);
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

/** Whoever changes the file can put any type into a column. */
const bytesOf = (value: unknown): Uint8Array =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array();
