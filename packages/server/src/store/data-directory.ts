import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Kysely } from 'kysely';
import type { EventLoopShare } from '../event-loop-share.ts';
import { type ApplicationStore, type RestrictionStore, StoreError, type UsageStore } from '../ports/index.ts';
import { resealed } from './application-rows.ts';
import { hasData, requireDatabase } from './database-file.ts';
import { DirectoryLock } from './directory-lock.ts';
import { JournalChain } from './journal/chain.ts';
import { JournalFile } from './journal/file.ts';
import { readFormerKeys, writeFormerKeys } from './journal/former-keys.ts';
import { JournalReader } from './journal/reader.ts';
import { RecordOutbox } from './journal/record-outbox.ts';
import { type JournalOptions, SqliteJournal } from './journal/sqlite-journal.ts';
import { StateCheck } from './journal/state-check.ts';
import { openBox, writeProof } from './key-proof.ts';
import type { Tables } from './schema.ts';
import { SecretBox } from './secret-box.ts';
import { SqliteApplicationStore } from './sqlite-application-store.ts';
import { openSqlite } from './sqlite-database.ts';
import { SqliteRestrictionStore } from './sqlite-restriction-store.ts';
import { SqliteUsageStore } from './sqlite-usage-store.ts';

/** How a data folder is opened. */
export interface DataDirectoryOptions {
  readonly folder: string;
  /** Goes before the file `master.key`. */
  readonly masterKey?: Uint8Array | undefined;
  /** Makes what is not there yet; without it a folder without data is refused. */
  readonly create: boolean;
  /** Longest wait for another process to let the folder go, in milliseconds. */
  readonly waitMs: number;
  /** How much is held against the journal in one turn of the event loop. */
  readonly share?: EventLoopShare | undefined;
  /** How long the journal is kept, and who hears of it. */
  readonly journal?: JournalOptions | undefined;
}

/** An open data folder: this process alone writes it until `close`. */
export class DataDirectory {
  readonly applications: ApplicationStore;
  readonly restrictions: RestrictionStore;
  readonly usage: UsageStore;
  readonly journal: SqliteJournal;
  readonly journalReader: JournalReader;
  readonly stateCheck: StateCheck;
  readonly #db: Kysely<Tables>;
  readonly #box: SecretBox;
  readonly #outbox: RecordOutbox;
  readonly #lock: DirectoryLock;

  /** Takes over a lock and a database; `open` makes them. */
  constructor(
    {
      lock,
      db,
      box,
      outbox,
    }: {
      readonly lock: DirectoryLock;
      readonly db: Kysely<Tables>;
      readonly box: SecretBox;
      readonly outbox: RecordOutbox;
    },
    stores: Pick<
      DataDirectory,
      'applications' | 'restrictions' | 'usage' | 'journal' | 'journalReader' | 'stateCheck'
    >,
  ) {
    this.#lock = lock;
    this.#db = db;
    this.#box = box;
    this.#outbox = outbox;
    this.applications = stores.applications;
    this.restrictions = stores.restrictions;
    this.usage = stores.usage;
    this.journal = stores.journal;
    this.journalReader = stores.journalReader;
    this.stateCheck = stores.stateCheck;
  }

  /** @throws {StoreError} that says what is wrong with the folder, the database or the master key, and what to do */
  static async open(options: DataDirectoryOptions): Promise<DataDirectory> {
    const { folder, create } = options;
    if (create) prepareFolder(folder);
    const file = path.join(folder, 'roomkey.db');
    const keyFile = path.join(folder, 'master.key');
    if (!create && !hasData(file))
      throw new StoreError(
        'databaseMissing',
        `There is no data in ${folder}. Start the server once, or set ROOMKEY_DATA_DIR.`,
      );
    const lock = await DirectoryLock.acquire(folder, options.waitMs);
    let db: Kysely<Tables> | undefined;
    try {
      requireDatabase(file, keyFile);
      db = await openSqlite(file);
      const box = await openBox(db, keyFile, options.masterKey);
      const former = await readFormerKeys(db, box);
      const chain = new JournalChain(box.deriveKey('journal'), former);
      const outbox = new RecordOutbox(db, chain, file);
      const records = await JournalFile.open(path.join(folder, 'journal.db'));
      const anchorsFile = path.join(folder, 'journal.anchors');
      const applications = new SqliteApplicationStore(db, { box, outbox, file });
      const restrictions = new SqliteRestrictionStore(db, { outbox, file });
      const usage = new SqliteUsageStore(db, file);
      const settled = (): Promise<void> => journal.settled();
      const now = options.journal?.now ?? Date.now;
      const stateCheck = new StateCheck({
        file: records,
        chain,
        outbox,
        applications,
        restrictions,
        now,
        share: options.share,
      });
      const restated = (upTo: number) => stateCheck.restated(upTo);
      const parts = { file: records, anchorsFile, chain, outbox, restated };
      const journal = await SqliteJournal.open(parts, options.journal);
      const journalReader = new JournalReader(records, chain, settled);
      const stores = { applications, restrictions, usage, journal, journalReader, stateCheck };
      return new DataDirectory({ lock, db, box, outbox }, stores);
    } catch (error) {
      await db?.destroy();
      lock.release();
      throw error;
    }
  }

  /**
   * Seals everything under another master key, all at once. The folder is to be closed after that and opened with that key; the
   * journal goes on with it then.
   *
   * @throws {StoreError} when the journal cannot be written; nothing has changed then
   */
  async sealUnder(masterKey: Uint8Array): Promise<void> {
    const { journal } = this;
    await journal.settled();
    if (!journal.available)
      throw new StoreError(
        'failed',
        'Nothing was changed: the journal cannot be written. Make room on the disk.',
      );
    const next = new SecretBox(masterKey);
    await this.#db.transaction().execute(async (all) => {
      for (const row of await all.selectFrom('secret_keys').selectAll().execute())
        await all
          .updateTable('secret_keys')
          .set({ sealed_secret: resealed(row, this.#box, next) })
          .where('sdk_app_id', '=', row.sdk_app_id)
          .where('key_id', '=', row.key_id)
          .execute();
      const former = await readFormerKeys(all, this.#box);
      const ended = { upTo: journal.count, key: this.#box.deriveKey('journal') };
      await writeFormerKeys(all, next, [...former, ended]);
      await this.#outbox.recode(all, new JournalChain(next.deriveKey('journal')));
      await writeProof(all, next);
    });
  }

  /**
   * Holds the database against the journal. What differs is a warning of the journal. Rejects with a `StoreError` when one of them
   * cannot be read.
   */
  async examine(): Promise<void> {
    const differences = await this.stateCheck.differences();
    if (differences.length === 0) return;
    const [{ subject } = { subject: '' }] = differences;
    this.journal.warn(
      'stateDiffers',
      `The journal does not lead to what the database holds (${differences.length} differences, the first one: ${subject}). Somebody has changed roomkey.db, or put back an older copy.`,
    );
  }

  /** Writes the records of the journal that wait, and lets the folder go. Every change that was answered is on disk already. */
  async close(): Promise<void> {
    try {
      await this.journal.close();
    } finally {
      await this.#db.destroy();
      this.#lock.release();
    }
  }
}

function prepareFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found && !found.isDirectory())
    throw new StoreError('notADirectory', `${folder} is no folder. Set ROOMKEY_DATA_DIR to another one.`);
  try {
    if (!found) mkdirSync(folder, { mode: 0o700 });
    else if ((found.mode & 0o077) !== 0) {
      if (readdirSync(folder).length > 0)
        throw new StoreError('exposed', `Others may read ${folder}. Run: chmod 700 ${folder}`);
      chmodSync(folder, 0o700);
    }
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new StoreError(
        'directoryMissing',
        `${path.dirname(folder)} does not exist. Make it, or set ROOMKEY_DATA_DIR to a folder in an existing one.`,
        { cause },
      );
    throw new StoreError('readOnly', `${folder} cannot be made private to this process (${code}).`, {
      cause,
    });
  }
}
