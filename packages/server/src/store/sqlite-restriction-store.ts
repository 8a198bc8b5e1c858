import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type {
  Ban,
  Denial,
  NamedRecord,
  Replacement,
  RestrictedUser,
  RestrictionStore,
  Revocation,
  StoredRestrictions,
} from '../ports/index.ts';
import type { RecordOutbox } from './journal/record-outbox.ts';
import {
  banFrom,
  banRow,
  denialFrom,
  denialRow,
  revocationFrom,
  revocationRow,
  roomColumn,
} from './restriction-rows.ts';
import type { Tables } from './schema.ts';
import { changedMeanwhile, storeError } from './sqlite-fault.ts';
import { saveVersions } from './versioned-rows.ts';

/** Rows in one statement. SQLite runs in this thread: others get their turn after each. */
const ROWS = 100;
/** Rows that are read at once. */
const PAGE = 500;

/** The floor of the application of a row that is to be saved. */
const keptFloor = sql`coalesce(
  (select version from version_floors where version_floors.sdk_app_id = new.sdk_app_id), 0)`;

/** Raises the floors of applications to the versions of rows that are deleted in the same transaction. */
const raiseFloors = (all: Transaction<Tables>, deleted: RawBuilder<unknown>): Promise<unknown> =>
  sql`insert into version_floors (sdk_app_id, version)
    select sdk_app_id, max(version) from (${deleted}) where true group by sdk_app_id
    on conflict (sdk_app_id) do update set version = max(version_floors.version, excluded.version)`.execute(
    all,
  );

/** The next turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Denials, bans and revocations in SQLite. */
export class SqliteRestrictionStore implements RestrictionStore {
  readonly #db: Kysely<Tables>;
  readonly #outbox: Pick<RecordOutbox, 'keep'>;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(
    db: Kysely<Tables>,
    { outbox, file }: { readonly outbox: Pick<RecordOutbox, 'keep'>; readonly file: string },
  ) {
    this.#db = db;
    this.#outbox = outbox;
    this.#file = file;
  }

  load(): Promise<StoredRestrictions> {
    return this.#atomically(async (all) => {
      const denials = await all.selectFrom('denials').selectAll().execute();
      const bans = await all.selectFrom('bans').selectAll().execute();
      const revocations = await all.selectFrom('revocations').selectAll().execute();
      const floors = await all.selectFrom('version_floors').selectAll().execute();
      return {
        floors: floors.map(({ sdk_app_id: sdkAppId, version }) => ({ sdkAppId, version })),
        denials: denials.map(denialFrom),
        bans: bans.map(banFrom),
        revocations: revocations.map(revocationFrom),
      };
    });
  }

  async *loadInPieces(): AsyncIterable<Omit<StoredRestrictions, 'floors'>> {
    const none = { denials: [], bans: [], revocations: [] };
    for await (const rows of this.#pages('denials')) yield { ...none, denials: rows.map(denialFrom) };
    for await (const rows of this.#pages('bans')) yield { ...none, bans: rows.map(banFrom) };
    for await (const rows of this.#pages('revocations'))
      yield { ...none, revocations: rows.map(revocationFrom) };
  }

  async readDenials(sdkAppId: number, room: string): Promise<readonly Denial[]> {
    const found: Denial[] = [];
    for (let after = ''; ; ) {
      const rows = await this.#atomically((all) =>
        all
          .selectFrom('denials')
          .selectAll()
          .where('sdk_app_id', '=', sdkAppId)
          .where('room', '=', room)
          .where('user_id', '>', after)
          .orderBy('user_id')
          .limit(PAGE)
          .execute(),
      );
      for (const row of rows) found.push(denialFrom(row));
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return found;
      after = last.user_id;
      await turn();
    }
  }

  readBan({ sdkAppId, room, userId }: RestrictedUser): Promise<Ban | undefined> {
    return this.#atomically(async (all) => {
      const row = await all
        .selectFrom('bans')
        .selectAll()
        .where('sdk_app_id', '=', sdkAppId)
        .where('room', '=', roomColumn(room))
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row && banFrom(row);
    });
  }

  readRevocation(sdkAppId: number, target: string): Promise<Revocation | undefined> {
    return this.#atomically(async (all) => {
      const revocations = all.selectFrom('revocations').selectAll();
      const row = await revocations
        .where('sdk_app_id', '=', sdkAppId)
        .where('target', '=', target)
        .executeTakeFirst();
      return row && revocationFrom(row);
    });
  }

  readFloor(sdkAppId: number): Promise<number> {
    return this.#atomically(async (all) => {
      const floors = all.selectFrom('version_floors').select('version');
      return (await floors.where('sdk_app_id', '=', sdkAppId).executeTakeFirst())?.version ?? 0;
    });
  }

  saveDenials(changes: readonly Replacement<Denial>[], records: readonly NamedRecord[]): Promise<void> {
    const table = { name: 'denials', key: ['sdk_app_id', 'room', 'user_id'], floor: keptFloor } as const;
    const saved = this.#atomically(async (all) => {
      for (let first = 0; first < changes.length; first += ROWS) {
        if (first > 0) await turn();
        const rows = changes
          .slice(first, first + ROWS)
          .map(({ before, after }) => ({ before, after: denialRow(after) }));
        if (!(await saveVersions(all, table, rows))) throw changedMeanwhile(this.#file);
      }
      await this.#outbox.keep(all, records);
    });
    // What follows for so many takes its time too.
    return changes.length > ROWS ? saved.then(turn) : saved;
  }

  saveBan({ before, after }: Replacement<Ban>, records: readonly NamedRecord[]): Promise<void> {
    const table = { name: 'bans', key: ['sdk_app_id', 'room', 'user_id'], floor: keptFloor } as const;
    return this.#atomically(async (all) => {
      if (!(await saveVersions(all, table, [{ before, after: banRow(after) }])))
        throw changedMeanwhile(this.#file);
      await this.#outbox.keep(all, records);
    });
  }

  forgetBan(
    { sdkAppId, room, userId, version }: RestrictedUser & Pick<Ban, 'version'>,
    records: readonly NamedRecord[],
  ): Promise<void> {
    return this.#atomically(async (all) => {
      const { numDeletedRows } = await all
        .deleteFrom('bans')
        .where('sdk_app_id', '=', sdkAppId)
        .where('room', '=', roomColumn(room))
        .where('user_id', '=', userId)
        .where('version', '=', version)
        .executeTakeFirst();
      if (numDeletedRows !== 1n) throw changedMeanwhile(this.#file);
      await raiseFloors(all, sql`select ${sdkAppId} as sdk_app_id, ${version} as version`);
      await this.#outbox.keep(all, records);
    });
  }

  saveRevocation(revocation: Revocation, records: readonly NamedRecord[]): Promise<void> {
    const table = { name: 'revocations', key: ['sdk_app_id', 'target'], floor: sql`0` } as const;
    // None is ever deleted, so the first version is the new one.
    const before = revocation.version === 1 ? undefined : { version: revocation.version - 1 };
    return this.#atomically(async (all) => {
      if (!(await saveVersions(all, table, [{ before, after: revocationRow(revocation) }])))
        throw changedMeanwhile(this.#file);
      await this.#outbox.keep(all, records);
    });
  }

  prune(now: number, records: readonly NamedRecord[]): Promise<void> {
    return this.#atomically(async (all) => {
      await raiseFloors(
        all,
        sql`select sdk_app_id, version from denials where expires_at <= ${now}
          union all select sdk_app_id, version from bans where until <= ${now}`,
      );
      await all.deleteFrom('denials').where('expires_at', '<=', now).execute();
      await all.deleteFrom('bans').where('until', '<=', now).execute();
      await this.#outbox.keep(all, records);
    });
  }

  /** The rows of a table; others get their turn after each page. */
  async *#pages<N extends 'denials' | 'bans' | 'revocations'>(table: N): AsyncIterable<Tables[N][]> {
    for (let after = 0; ; ) {
      const rows = await this.#atomically(async (all) => {
        const page = await sql<Tables[N] & { place: number }>`
          select *, rowid as place from ${sql.table(table)} where rowid > ${after} order by rowid limit ${PAGE}
        `.execute(all);
        return page.rows;
      });
      yield rows.map(({ place, ...row }) => row as unknown as Tables[N]);
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.place;
      await turn();
    }
  }

  async #atomically<T>(job: (all: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(job);
    } catch (cause) {
      throw storeError(this.#file, cause);
    }
  }
}
