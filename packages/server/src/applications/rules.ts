import { isRoomId, isStrRoomId, type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import type { ApplicationSettings, KeyState, PermissionControl, StoredKey } from '../ports/index.ts';

/** The SDKAppID of the demo page's own application; nobody else gets it. */
export const DEMO_SDK_APP_ID = 1_400_000_002;

/** Most keys of an application: each active one is tried at an entry. */
export const MAX_KEYS = 16;
/** Most rooms of an application with a permission control of their own. */
export const MAX_ROOM_CONTROLS = 10_000;

/** Settings to change; what is absent or undefined stays. */
export type SettingsChange = {
  readonly [K in keyof ApplicationSettings]?: ApplicationSettings[K] | undefined;
};

/** What an application begins with: nobody enters without a key. */
export const standardSettings: Omit<ApplicationSettings, 'name'> = {
  permissionControl: 'enforce',
  expiryPolicy: 'keep',
  staleKeyPolicy: 'remove',
  duplicatePolicy: 'replace',
  maxMembersPerRoom: 1000,
  maxRooms: 10_000,
  lingerSeconds: 0,
  graceSeconds: 60,
};

const bounds = {
  maxMembersPerRoom: [1, 100_000],
  maxRooms: [1, 1_000_000],
  lingerSeconds: [0, 86_400],
  graceSeconds: [0, 86_400],
} as const;

const wholeWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** @throws {ServiceError} `settingInvalid`, naming the setting and what it takes */
export function checkSettings(settings: SettingsChange): void {
  const { name } = settings;
  if (name !== undefined && !/^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u.test(name.trim()))
    throw new ServiceError('settingInvalid', 'name must be 1 to 64 printable characters.');
  for (const [setting, [least, most]] of Object.entries(bounds)) {
    const value = settings[setting as keyof typeof bounds];
    if (value !== undefined && !wholeWithin(value, least, most))
      throw new ServiceError('settingInvalid', `${setting} must be a whole number from ${least} to ${most}.`);
  }
}

/** @throws {ServiceError} `settingInvalid` for a number that no application can have */
export function checkSdkAppId(sdkAppId: number): void {
  if (!wholeWithin(sdkAppId, 1, 0xff_ff_ff_ff))
    throw new ServiceError('settingInvalid', 'sdkAppId must be a whole number from 1 to 4294967295.');
  if (sdkAppId === DEMO_SDK_APP_ID)
    throw new ServiceError('settingInvalid', `sdkAppId ${DEMO_SDK_APP_ID} belongs to the demo page.`);
}

/** @throws {ServiceError} `settingInvalid` for a secret that is too weak, no secret key, or there already */
export function checkSecret(secret: string, keys: readonly StoredKey[]): void {
  if (!/^[\x21-\x7e]{32,256}$/.test(secret))
    throw new ServiceError(
      'settingInvalid',
      'A secret key must be 32 to 256 visible ASCII characters without a space.',
    );
  const same = keys.find((key) => key.secret === secret);
  if (same)
    throw new ServiceError('settingInvalid', `The application has this secret key already: ${same.keyId}.`);
}

/** @throws {ServiceError} `settingInvalid` for a way back from `compromised` */
export function checkKeyState(key: StoredKey, state: KeyState): void {
  if (key.state === 'compromised' && state !== 'compromised')
    throw new ServiceError(
      'settingInvalid',
      `Key ${key.keyId} is compromised, which cannot be taken back. Add a new key.`,
    );
}

/** The settings that were really given: an `undefined` does not overwrite. */
export const given = (settings: SettingsChange): Partial<ApplicationSettings> => ({
  ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  ...(settings.name === undefined ? {} : { name: settings.name.trim() }),
});

/** The room key text of a room that can exist. @throws {ServiceError} `roomIdIllegal`, `strRoomIdIllegal` */
export function legalRoom(room: RoomRef): string {
  if ('roomId' in room && !isRoomId(room.roomId)) throw new ServiceError('roomIdIllegal');
  if ('strRoomId' in room && !isStrRoomId(room.strRoomId)) throw new ServiceError('strRoomIdIllegal');
  return roomKey(room);
}

/**
 * Everybody gets tickets for the demo: what a bit does there has to be true.
 *
 * @throws {ServiceError} `settingInvalid` for the demo's application, unless it enforces
 */
export function checkControl(sdkAppId: number, control: PermissionControl | undefined): void {
  if (sdkAppId !== DEMO_SDK_APP_ID || control === undefined || control === 'enforce') return;
  throw new ServiceError(
    'settingInvalid',
    'The demo page shows what the permission bits do: its application always enforces them.',
  );
}
