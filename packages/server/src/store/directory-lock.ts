import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'libsql';
import { StoreError } from '../ports/index.ts';
import { storeError } from './sqlite-fault.ts';

const RETRY_MS = 50;

/**
 * The right to write a data folder, held by one process at a time. It is SQLite's exclusive lock on an empty
 * database, which the kernel takes back when the process ends, however it ends.
 */
export class DirectoryLock {
  readonly #database: Database.Database;

  /** Takes over a database in an exclusive transaction. */
  constructor(database: Database.Database) {
    this.#database = database;
  }

  /**
   * Takes the lock of a folder, waiting at most `waitMs` for another holder to let go.
   *
   * @throws {StoreError} `inUse` when another process holds it to the end, `readOnly` when the folder cannot be written
   */
  static async acquire(folder: string, waitMs: number): Promise<DirectoryLock> {
    for (let waited = 0; ; waited += RETRY_MS) {
      const lock = tryLock(folder);
      if (lock) return lock;
      if (waited >= waitMs)
        throw new StoreError(
          'inUse',
          `Another Roomkey process uses ${folder}. Stop it, or set ROOMKEY_DATA_DIR to another folder.`,
        );
      await sleep(RETRY_MS);
    }
  }

  release(): void {
    this.#database.close();
  }
}

function tryLock(folder: string): DirectoryLock | undefined {
  const file = path.join(folder, 'lock.db');
  let database: Database.Database | undefined;
  try {
    makeOnce(file);
    database = new Database(file);
    database.exec('pragma busy_timeout = 0; begin exclusive');
    return new DirectoryLock(database);
  } catch (cause) {
    database?.close();
    const error = storeError(file, cause);
    if (error.fault === 'locked') return undefined;
    throw error;
  }
}

/** Opening an existing file and closing it again would drop the lock that this very process holds on it (POSIX). */
function makeOnce(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new StoreError('readOnly', `${file} cannot be made (${code}).`, { cause });
  }
}
