import type { Kysely } from 'kysely';
import type {
  ApplicationSettings,
  ApplicationStore,
  KeyState,
  PermissionControl,
  StoredApplication,
  StoredKey,
} from '../ports/index.ts';
import type { Tables } from './schema.ts';
import type { SecretBox } from './secret-box.ts';
import { storeError } from './sqlite-fault.ts';

const settingColumns = (settings: ApplicationSettings) => ({
  name: settings.name,
  permission_control: settings.permissionControl,
  expiry_policy: settings.expiryPolicy,
  stale_key_policy: settings.staleKeyPolicy,
  duplicate_policy: settings.duplicatePolicy,
  max_members_per_room: settings.maxMembersPerRoom,
  max_rooms: settings.maxRooms,
  linger_seconds: settings.lingerSeconds,
  grace_seconds: settings.graceSeconds,
});

const settingsFrom = (row: Tables['applications']): ApplicationSettings => ({
  name: row.name,
  permissionControl: row.permission_control,
  expiryPolicy: row.expiry_policy,
  staleKeyPolicy: row.stale_key_policy,
  duplicatePolicy: row.duplicate_policy,
  maxMembersPerRoom: row.max_members_per_room,
  maxRooms: row.max_rooms,
  lingerSeconds: row.linger_seconds,
  graceSeconds: row.grace_seconds,
});

function byApplication<R extends { readonly sdk_app_id: number }>(rows: readonly R[]): Map<number, R[]> {
  const groups = new Map<number, R[]>();
  for (const row of rows) {
    const group = groups.get(row.sdk_app_id);
    if (group) group.push(row);
    else groups.set(row.sdk_app_id, [row]);
  }
  return groups;
}

/** What a secret is sealed for: its application and its key id, and nothing else. */
const purpose = (sdkAppId: number, keyId: string): string => `secret key ${keyId} of application ${sdkAppId}`;

/** The applications in SQLite; secrets are sealed before they are written. */
export class SqliteApplicationStore implements ApplicationStore {
  readonly #db: Kysely<Tables>;
  readonly #box: SecretBox;
  readonly #file: string;

  /** `file` is for error messages. */
  constructor(db: Kysely<Tables>, box: SecretBox, file: string) {
    this.#db = db;
    this.#box = box;
    this.#file = file;
  }

  load(): Promise<readonly StoredApplication[]> {
    return this.#guarded(async () => {
      const applications = await this.#db
        .selectFrom('applications')
        .selectAll()
        .orderBy('sdk_app_id')
        .execute();
      const keys = await this.#db.selectFrom('secret_keys').selectAll().orderBy('position').execute();
      const controls = await this.#db.selectFrom('room_controls').selectAll().execute();
      const keysOf = byApplication(keys);
      const controlsOf = byApplication(controls);
      return applications.map((row) => ({
        ...settingsFrom(row),
        sdkAppId: row.sdk_app_id,
        createdAt: row.created_at,
        keys: (keysOf.get(row.sdk_app_id) ?? []).map((key) => this.#opened(key)),
        roomControls: new Map(
          (controlsOf.get(row.sdk_app_id) ?? []).map((control) => [control.room, control.permission_control]),
        ),
      }));
    });
  }

  add(application: StoredApplication): Promise<void> {
    const { sdkAppId } = application;
    return this.#guarded(() =>
      this.#db.transaction().execute(async (all) => {
        await all
          .insertInto('applications')
          .values({
            sdk_app_id: sdkAppId,
            ...settingColumns(application),
            created_at: application.createdAt,
          })
          .execute();
        for (const [index, key] of application.keys.entries())
          await all
            .insertInto('secret_keys')
            .values(this.#sealed(sdkAppId, key, index + 1))
            .execute();
        for (const [room, control] of application.roomControls)
          await all
            .insertInto('room_controls')
            .values({ sdk_app_id: sdkAppId, room, permission_control: control })
            .execute();
      }),
    );
  }

  saveSettings(sdkAppId: number, settings: ApplicationSettings): Promise<void> {
    return this.#guarded(async () => {
      const { numUpdatedRows } = await this.#db
        .updateTable('applications')
        .set(settingColumns(settings))
        .where('sdk_app_id', '=', sdkAppId)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error('no such application');
    });
  }

  addKey(sdkAppId: number, key: StoredKey): Promise<void> {
    return this.#guarded(() =>
      this.#db.transaction().execute(async (all) => {
        const { last } = await all
          .selectFrom('secret_keys')
          .select(({ fn }) => fn.max('position').as('last'))
          .where('sdk_app_id', '=', sdkAppId)
          .executeTakeFirstOrThrow();
        await all
          .insertInto('secret_keys')
          .values(this.#sealed(sdkAppId, key, Number(last ?? 0) + 1))
          .execute();
      }),
    );
  }

  saveKeyState(sdkAppId: number, keyId: string, state: KeyState): Promise<void> {
    return this.#guarded(async () => {
      const { numUpdatedRows } = await this.#db
        .updateTable('secret_keys')
        .set({ state })
        .where('sdk_app_id', '=', sdkAppId)
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new Error('no such key');
    });
  }

  saveRoomControl(sdkAppId: number, room: string, control: PermissionControl | undefined): Promise<void> {
    return this.#guarded(async () => {
      if (control === undefined) {
        await this.#db
          .deleteFrom('room_controls')
          .where('sdk_app_id', '=', sdkAppId)
          .where('room', '=', room)
          .execute();
        return;
      }
      await this.#db
        .insertInto('room_controls')
        .values({ sdk_app_id: sdkAppId, room, permission_control: control })
        .onConflict((row) => row.columns(['sdk_app_id', 'room']).doUpdateSet({ permission_control: control }))
        .execute();
    });
  }

  #sealed(sdkAppId: number, key: StoredKey, position: number): Tables['secret_keys'] {
    return {
      sdk_app_id: sdkAppId,
      key_id: key.keyId,
      position,
      sealed_secret: this.#box.seal(purpose(sdkAppId, key.keyId), key.secret),
      state: key.state,
      created_at: key.createdAt,
    };
  }

  #opened(row: Tables['secret_keys']): StoredKey {
    return {
      keyId: row.key_id,
      secret: this.#box.open(purpose(row.sdk_app_id, row.key_id), row.sealed_secret),
      state: row.state,
      createdAt: row.created_at,
    };
  }

  async #guarded<T>(job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } catch (cause) {
      throw storeError(this.#file, cause);
    }
  }
}
