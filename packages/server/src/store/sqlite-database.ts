import { closeSync, openSync } from 'node:fs';
import {
  type DialectAdapter,
  type Driver,
  Kysely,
  type Migration,
  Migrator,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import Database from 'libsql';
import { StoreError } from '../ports/index.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';
import { storeError } from './sqlite-fault.ts';

/** Marks the file as ours ("RMKY"). */
const APPLICATION_ID = 0x52_4d_4b_59;
/** Longest wait for another program's lock; the event loop stands still meanwhile. */
export const BUSY_MS = 250;

/** SQLite does undo schema changes with their transaction; kysely does not count on it. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * A transaction asks for the right to write before anything else, by `exec`. A prepared statement that the driver could not run
 * because the file is locked stays open until it is collected as garbage. Until then no later change is committed, although the
 * driver says that it was made.
 */
class TransactionalDriver extends SqliteDriver {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override async beginTransaction(): Promise<void> {
    this.#database.exec('begin immediate');
  }

  override async commitTransaction(): Promise<void> {
    this.#database.exec('commit');
  }

  override async rollbackTransaction(): Promise<void> {
    // A full disk has ended the transaction already.
    if (this.#database.inTransaction) this.#database.exec('rollback');
  }
}

class TransactionalDialect extends SqliteDialect {
  readonly #database: Database.Database;

  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalAdapter();
  }

  override createDriver(): Driver {
    return new TransactionalDriver(this.#database);
  }
}

/**
 * Opens a database file that can be written, makes it when it is not there, and brings its tables to the newest form.
 * Steps that fail change nothing, not even the steps before them. Whoever uses the database changes it in transactions alone.
 *
 * @param steps what brings the tables to their newest form; in order of their names
 * @param log how a commit gets to the disk: `rollback` leaves nothing but the one file, `ahead` costs a quarter
 * @throws {StoreError} `notADatabase`, `locked`, `readOnly`, `newer`, `full` or `failed`
 */
export async function openSqlite(
  file: string,
  steps: Readonly<Record<string, Migration>> = migrations,
  log: 'rollback' | 'ahead' = 'rollback',
): Promise<Kysely<Tables>> {
  let database: Database.Database | undefined;
  try {
    makePrivate(file);
    database = new Database(file);
    prepare(file, database, log);
    const db = new Kysely<Tables>({ dialect: new TransactionalDialect(database) });
    await migrate(file, db, steps);
    return db;
  } catch (cause) {
    database?.close();
    throw storeError(file, cause);
  }
}

/** SQLite would make the file readable to others; its companions take the mode of the file. */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new StoreError('readOnly', `${file} cannot be made (${code}).`, { cause });
  }
}

function prepare(file: string, database: Database.Database, log: 'rollback' | 'ahead'): void {
  database.exec(`pragma busy_timeout = ${BUSY_MS}`);
  // Not `get`: libsql leaves its statement, and with it a lock, open until it is collected as garbage.
  const number = (sql: string): number => Object.values(Object(database.prepare(sql).all()[0]))[0] as number;
  const tables = number('select count(*) from sqlite_master');
  const owner = number('pragma application_id');
  if (owner !== APPLICATION_ID && (owner !== 0 || tables > 0))
    throw new StoreError(
      'notADatabase',
      `${file} belongs to another program. Move it away, or set ROOMKEY_DATA_DIR.`,
    );
  // A commit is in the one file and on the disk when it returns. A write-ahead log stays behind at `close`,
  // which libsql finishes only when every statement was collected as garbage.
  database.exec(`pragma journal_mode = ${log === 'ahead' ? 'wal' : 'delete'}`);
  database.exec('pragma synchronous = extra');
  database.exec('pragma foreign_keys = on');
  // Only a write tells whether writing is possible, so that a start fails and not the first change.
  database.exec(`begin immediate; pragma application_id = ${APPLICATION_ID}; commit`);
}

async function migrate(
  file: string,
  db: Kysely<Tables>,
  steps: Readonly<Record<string, Migration>>,
): Promise<void> {
  const known = new Set(Object.keys(steps));
  const done = await db.introspection
    .getTables({ withInternalKyselyTables: true })
    .then((tables) => tables.some(({ name }) => name === 'kysely_migration'));
  if (done) {
    const applied = await db
      .withTables<{ kysely_migration: { name: string } }>()
      .selectFrom('kysely_migration')
      .select('name')
      .execute();
    if (applied.some(({ name }) => !known.has(name)))
      throw new StoreError(
        'newer',
        `${file} was written by a newer Roomkey. Install that version or a later one.`,
      );
  }
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...steps }) },
  }).migrateToLatest();
  if (error) throw error;
}
