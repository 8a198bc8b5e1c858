/** How an application checks the PrivateMapKey. */
export type PermissionControl = 'off' | 'observe' | 'enforce';

/** `active`: signs and verifies. `retired`: verifies nothing new. `compromised`: the same, and what it signed counts no more. */
export type KeyState = 'active' | 'retired' | 'compromised';

/** One secret key of an application, opened. */
export interface SecretKey {
  readonly keyId: string;
  readonly secret: string;
  readonly state: KeyState;
}

/** What an operator decides for an application. */
export interface ApplicationSettings {
  readonly name: string;
  readonly permissionControl: PermissionControl;
  /** What happens when a key expires inside a room. */
  readonly expiryPolicy: 'keep' | 'demote' | 'remove';
  /** What happens to a member who becomes an anchor with a key that no longer verifies. */
  readonly staleKeyPolicy: 'remove' | 'refuse';
  /** Which of two entries of one user holds. */
  readonly duplicatePolicy: 'replace' | 'refuse';
  /** Most members in one room. */
  readonly maxMembersPerRoom: number;
  /** Most rooms of the application at a time. */
  readonly maxRooms: number;
  /** Seconds that an empty room goes on existing. */
  readonly lingerSeconds: number;
  /** Seconds that members without a valid key may stay after permission control was switched to `enforce`. */
  readonly graceSeconds: number;
}

/** An application as the rooms see it. */
export interface Application extends ApplicationSettings {
  readonly sdkAppId: number;
  readonly keys: readonly SecretKey[];
  /** Permission control of single rooms, by room key. */
  readonly roomControls: ReadonlyMap<string, PermissionControl>;
}

/** The newest applications, in memory: a check never waits for a database. */
export interface Applications {
  find(sdkAppId: number): Application | undefined;
}
