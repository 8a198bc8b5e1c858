import { type RoomRef, ServiceError } from '@roomkey/protocol';
import type { Gives } from '../change-recorder.ts';
import type {
  ApplicationStore,
  KeyState,
  NamedRecord,
  PermissionControl,
  StoredApplication,
  StoredKey,
} from '../ports/index.ts';
import type { ApplicationChange } from './application-change.ts';
import { nextKey } from './new-key.ts';
import {
  checkControl,
  checkKeyState,
  checkSettings,
  DEMO_SDK_APP_ID,
  given,
  legalRoom,
  MAX_KEYS,
  MAX_ROOM_CONTROLS,
  type SettingsChange,
  standardSettings,
} from './rules.ts';
import { givenBy, isLess } from './strictness.ts';
import { settingsOf } from './view.ts';

/** A change of an application that was decided on and is not saved yet. */
export interface PlannedChange extends Omit<ApplicationChange, 'actor'> {
  /** The application as it will be. */
  readonly application: StoredApplication;
  readonly gives: Gives;
  /** Saves the change with its records, if the store still holds the version that it was decided on. */
  readonly save: (store: ApplicationStore, records: readonly NamedRecord[]) => Promise<void>;
}

/** What a new application is asked to be; what is not asked for is chosen. */
export interface NewApplication {
  readonly sdkAppId?: number | undefined;
  readonly settings?: SettingsChange;
  /** A secret key that exists already elsewhere; without it one is made. */
  readonly secret?: string | undefined;
}

/** A new application with one key. @throws {ServiceError} `settingInvalid` */
export function planCreation(
  sdkAppId: number,
  { settings = {}, secret }: NewApplication,
  createdAt: number,
): PlannedChange & { readonly key: StoredKey } {
  checkSettings(settings);
  const key = nextKey([], { secret, createdAt });
  const application: StoredApplication = {
    ...standardSettings,
    name: `application ${sdkAppId}`,
    ...given(settings),
    sdkAppId,
    createdAt,
    keys: [key],
    roomControls: new Map(),
    version: 1,
  };
  const to = { ...settingsOf(application), keyId: key.keyId };
  const save: PlannedChange['save'] = (store, records) => store.add(application, records);
  return { action: 'create', to, application, key, gives: 'only', save };
}

/** Other settings. @throws {ServiceError} `settingInvalid` */
export function planSettings(before: StoredApplication, settings: SettingsChange): PlannedChange {
  checkSettings(settings);
  checkControl(before.sdkAppId, settings.permissionControl);
  const application = follow(before, given(settings));
  const save: PlannedChange['save'] = (store, records) =>
    store.saveSettings(before, settingsOf(application), records);
  const gives = givenBy(before, application);
  return { action: 'set', to: given(settings), application, gives, save };
}

/** One more key. @throws {ServiceError} `settingInvalid` */
export function planKey(
  before: StoredApplication,
  asked: { readonly secret?: string | undefined; readonly createdAt: number },
): PlannedChange & { readonly key: StoredKey } {
  if (asked.secret !== undefined && before.sdkAppId === DEMO_SDK_APP_ID)
    throw new ServiceError(
      'settingInvalid',
      'The demo page gives tickets to everybody: its keys are its own.',
    );
  if (before.keys.length >= MAX_KEYS)
    throw new ServiceError('settingInvalid', `An application has at most ${MAX_KEYS} keys.`);
  const key = nextKey(before.keys, asked);
  const application = follow(before, { keys: [...before.keys, key] });
  const save: PlannedChange['save'] = (store, records) => store.addKey(before, key, records);
  return { action: 'addKey', to: { keyId: key.keyId }, application, key, gives: 'only', save };
}

/** Another state of a key. @throws {ServiceError} `keyUnknown`, `settingInvalid` */
export function planKeyState(before: StoredApplication, keyId: string, state: KeyState): PlannedChange {
  const key = before.keys.find((candidate) => candidate.keyId === keyId);
  if (!key) throw new ServiceError('keyUnknown');
  checkKeyState(key, state);
  const keys = before.keys.map((other) => (other === key ? { ...key, state } : other));
  const save: PlannedChange['save'] = (store, records) => store.saveKeyState(before, keyId, state, records);
  const application = follow(before, { keys });
  const gives = state === 'active' ? 'only' : 'nothing';
  return { action: 'setKeyState', to: { keyId, state }, application, gives, save };
}

/**
 * A permission control of its own for one room; undefined: the room follows its application.
 *
 * @throws {ServiceError} `roomIdIllegal`, `strRoomIdIllegal`, `settingInvalid`
 */
export function planRoomControl(
  before: StoredApplication,
  ref: RoomRef,
  control: PermissionControl | undefined,
): PlannedChange {
  const room = legalRoom(ref);
  checkControl(before.sdkAppId, control);
  const roomControls = new Map(before.roomControls);
  if (control === undefined) roomControls.delete(room);
  else roomControls.set(room, control);
  if (roomControls.size > Math.max(before.roomControls.size, MAX_ROOM_CONTROLS))
    throw new ServiceError(
      'settingInvalid',
      `At most ${MAX_ROOM_CONTROLS} rooms of an application have a permission control of their own.`,
    );
  const application = follow(before, { roomControls });
  const save: PlannedChange['save'] = (store, records) =>
    store.saveRoomControl(before, room, control, records);
  const was = before.roomControls.get(room) ?? before.permissionControl;
  const is = control ?? before.permissionControl;
  const gives = isLess('permissionControl', was, is) ? 'only' : 'nothing';
  return control === undefined
    ? { action: 'clearRoomControl', to: {}, room, application, gives, save }
    : { action: 'setRoomControl', to: { permissionControl: control }, room, application, gives, save };
}

const follow = (before: StoredApplication, change: Partial<StoredApplication>): StoredApplication => ({
  ...before,
  ...change,
  version: before.version + 1,
});
