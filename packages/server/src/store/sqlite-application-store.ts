import type { Kysely, Transaction } from 'kysely';
import type {
  ApplicationSettings,
  ApplicationStore,
  ApplicationVersion,
  KeyState,
  NamedRecord,
  PermissionControl,
  StoredApplication,
  StoredKey,
} from '../ports/index.ts';
import { applicationsFrom, keyRow, settingColumns } from './application-rows.ts';
import type { RecordOutbox } from './journal/record-outbox.ts';
import type { Tables } from './schema.ts';
import type { SecretBox } from './secret-box.ts';
import { changedMeanwhile, storeError } from './sqlite-fault.ts';

/** The applications in SQLite; secrets are sealed before they are written. */
export class SqliteApplicationStore implements ApplicationStore {
  readonly #db: Kysely<Tables>;
  readonly #box: SecretBox;
  readonly #outbox: Pick<RecordOutbox, 'keep'>;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(
    db: Kysely<Tables>,
    parts: { readonly box: SecretBox; readonly outbox: Pick<RecordOutbox, 'keep'>; readonly file: string },
  ) {
    this.#db = db;
    this.#box = parts.box;
    this.#outbox = parts.outbox;
    this.#file = parts.file;
  }

  load(): Promise<readonly StoredApplication[]> {
    return this.#atomically((all) => this.#read(all));
  }

  read(sdkAppId: number): Promise<StoredApplication | undefined> {
    return this.#atomically(async (all) => (await this.#read(all, sdkAppId))[0]);
  }

  add(application: StoredApplication, records: readonly NamedRecord[]): Promise<void> {
    const { sdkAppId, createdAt, version } = application;
    return this.#atomically(async (all) => {
      const { numInsertedOrUpdatedRows } = await all
        .insertInto('applications')
        .values({
          sdk_app_id: sdkAppId,
          ...settingColumns(application),
          created_at: createdAt,
          version,
        })
        .onConflict((row) => row.column('sdk_app_id').doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) throw changedMeanwhile(this.#file);
      for (const [index, key] of application.keys.entries())
        await all
          .insertInto('secret_keys')
          .values(keyRow(this.#box, { sdkAppId, key, position: index + 1 }))
          .execute();
      for (const [room, control] of application.roomControls)
        await all
          .insertInto('room_controls')
          .values({ sdk_app_id: sdkAppId, room, permission_control: control })
          .execute();
      await this.#outbox.keep(all, records);
    });
  }

  saveSettings(
    decidedOn: ApplicationVersion,
    settings: ApplicationSettings,
    records: readonly NamedRecord[],
  ): Promise<void> {
    return this.#change(decidedOn, records, async (all) => {
      await all
        .updateTable('applications')
        .set(settingColumns(settings))
        .where('sdk_app_id', '=', decidedOn.sdkAppId)
        .execute();
    });
  }

  addKey(decidedOn: ApplicationVersion, key: StoredKey, records: readonly NamedRecord[]): Promise<void> {
    const { sdkAppId } = decidedOn;
    return this.#change(decidedOn, records, async (all) => {
      const { last } = await all
        .selectFrom('secret_keys')
        .select(({ fn }) => fn.max('position').as('last'))
        .where('sdk_app_id', '=', sdkAppId)
        .executeTakeFirstOrThrow();
      await all
        .insertInto('secret_keys')
        .values(keyRow(this.#box, { sdkAppId, key, position: Number(last ?? 0) + 1 }))
        .execute();
    });
  }

  saveKeyState(
    decidedOn: ApplicationVersion,
    keyId: string,
    state: KeyState,
    records: readonly NamedRecord[],
  ): Promise<void> {
    return this.#change(decidedOn, records, async (all) => {
      const { numUpdatedRows } = await all
        .updateTable('secret_keys')
        .set({ state })
        .where('sdk_app_id', '=', decidedOn.sdkAppId)
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error('no such key');
    });
  }

  saveRoomControl(
    decidedOn: ApplicationVersion,
    room: string,
    control: PermissionControl | undefined,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const { sdkAppId } = decidedOn;
    return this.#change(decidedOn, records, async (all) => {
      if (control === undefined) {
        await all
          .deleteFrom('room_controls')
          .where('sdk_app_id', '=', sdkAppId)
          .where('room', '=', room)
          .execute();
        return;
      }
      await all
        .insertInto('room_controls')
        .values({ sdk_app_id: sdkAppId, room, permission_control: control })
        .onConflict((row) => row.columns(['sdk_app_id', 'room']).doUpdateSet({ permission_control: control }))
        .execute();
    });
  }

  /** Makes a change, counts the version up and keeps the records, or refuses all of it. */
  #change(
    { sdkAppId, version }: ApplicationVersion,
    records: readonly NamedRecord[],
    job: (all: Transaction<Tables>) => Promise<void>,
  ): Promise<void> {
    return this.#atomically(async (all) => {
      const { numUpdatedRows } = await all
        .updateTable('applications')
        .set({ version: version + 1 })
        .where('sdk_app_id', '=', sdkAppId)
        .where('version', '=', version)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw changedMeanwhile(this.#file);
      await job(all);
      await this.#outbox.keep(all, records);
    });
  }

  /** All applications, or one. Asked in one transaction: the version is that of the keys and the room controls too. */
  async #read(all: Transaction<Tables>, sdkAppId?: number): Promise<StoredApplication[]> {
    const applications = all.selectFrom('applications').selectAll().orderBy('sdk_app_id');
    const keys = all.selectFrom('secret_keys').selectAll().orderBy('position');
    const controls = all.selectFrom('room_controls').selectAll();
    const one = sdkAppId !== undefined;
    return applicationsFrom(this.#box, {
      applications: await applications
        .$if(one, (q) => q.where('sdk_app_id', '=', Number(sdkAppId)))
        .execute(),
      keys: await keys.$if(one, (q) => q.where('sdk_app_id', '=', Number(sdkAppId))).execute(),
      controls: await controls.$if(one, (q) => q.where('sdk_app_id', '=', Number(sdkAppId))).execute(),
    });
  }

  async #atomically<T>(job: (all: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(job);
    } catch (cause) {
      throw storeError(this.#file, cause);
    }
  }
}
