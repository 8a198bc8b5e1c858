import type { ApplicationSettings, StoredApplication, StoredKey } from '../ports/index.ts';
import type { Tables } from './schema.ts';
import type { SecretBox } from './secret-box.ts';

/** The columns that hold the settings of an application. */
export const settingColumns = (settings: ApplicationSettings) => ({
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

/** What a secret is sealed for: its application and its key id, and nothing else. */
const purpose = (sdkAppId: number, keyId: string): string => `secret key ${keyId} of application ${sdkAppId}`;

/** The row of a secret key, sealed; `position` is its place among the keys of the application, from 1. */
export const keyRow = (
  box: SecretBox,
  { sdkAppId, key, position }: { sdkAppId: number; key: StoredKey; position: number },
): Tables['secret_keys'] => ({
  sdk_app_id: sdkAppId,
  key_id: key.keyId,
  position,
  sealed_secret: box.seal(purpose(sdkAppId, key.keyId), key.secret),
  state: key.state,
  created_at: key.createdAt,
});

/** The secret of a row, sealed under another master key. @throws {StoreError} `secretDamaged` */
export function resealed(row: Tables['secret_keys'], box: SecretBox, next: SecretBox): string {
  const of = purpose(row.sdk_app_id, row.key_id);
  return next.seal(of, box.open(of, row.sealed_secret));
}

const openedKey = (box: SecretBox, row: Tables['secret_keys']): StoredKey => ({
  keyId: row.key_id,
  secret: box.open(purpose(row.sdk_app_id, row.key_id), row.sealed_secret),
  state: row.state,
  createdAt: row.created_at,
});

/**
 * Applications from their rows, the keys opened. Keys and room controls of other applications are left out.
 *
 * @throws {StoreError} `secretDamaged`
 */
export function applicationsFrom(
  box: SecretBox,
  rows: {
    readonly applications: readonly Tables['applications'][];
    readonly keys: readonly Tables['secret_keys'][];
    readonly controls: readonly Tables['room_controls'][];
  },
): StoredApplication[] {
  const keys = byApplication(rows.keys);
  const controls = byApplication(rows.controls);
  return rows.applications.map((row) => ({
    ...settingsFrom(row),
    sdkAppId: row.sdk_app_id,
    createdAt: row.created_at,
    version: row.version,
    keys: (keys.get(row.sdk_app_id) ?? []).map((key) => openedKey(box, key)),
    roomControls: new Map(
      (controls.get(row.sdk_app_id) ?? []).map((control) => [control.room, control.permission_control]),
    ),
  }));
}

function byApplication<R extends { readonly sdk_app_id: number }>(rows: readonly R[]): Map<number, R[]> {
  const groups = new Map<number, R[]>();
  for (const row of rows) {
    const group = groups.get(row.sdk_app_id);
    if (group) group.push(row);
    else groups.set(row.sdk_app_id, [row]);
  }
  return groups;
}
