import type {
  Application,
  ApplicationSettings,
  KeyState,
  PermissionControl,
  SecretKey,
} from './application.ts';

/** A secret key with its history. */
export interface StoredKey extends SecretKey {
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** An application as it is kept. */
export interface StoredApplication extends Application {
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** In the order in which they were added. */
  readonly keys: readonly StoredKey[];
}

/**
 * Where applications outlive the process. Every change is durable when its promise resolves and has not
 * happened at all when it rejects, which it does with a `StoreError`. One caller writes at a time.
 */
export interface ApplicationStore {
  /** Every application, by rising sdkAppId. */
  load(): Promise<readonly StoredApplication[]>;
  /** Adds an application whose sdkAppId is not there yet, with its keys. */
  add(application: StoredApplication): Promise<void>;
  saveSettings(sdkAppId: number, settings: ApplicationSettings): Promise<void>;
  /** Adds a key whose id the application does not have yet. */
  addKey(sdkAppId: number, key: StoredKey): Promise<void>;
  saveKeyState(sdkAppId: number, keyId: string, state: KeyState): Promise<void>;
  /** Keeps the permission control of one room (a room key text); undefined forgets it. */
  saveRoomControl(sdkAppId: number, room: string, control: PermissionControl | undefined): Promise<void>;
}
