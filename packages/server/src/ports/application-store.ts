import type {
  Application,
  ApplicationSettings,
  KeyState,
  PermissionControl,
  SecretKey,
} from './application.ts';
import type { NamedRecord } from './journal.ts';

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
  /** 1 at first. Every change of settings, keys or room controls makes it one more. */
  readonly version: number;
}

/** An application, and its version that a change was decided on. */
export type ApplicationVersion = Pick<StoredApplication, 'sdkAppId' | 'version'>;

/**
 * Where applications outlive the process. Several processes may use one store.
 *
 * A change names the version of the application that it was decided on. It is made only if that is still the version; then the
 * version becomes one more. Otherwise the change rejects with the fault `conflict`. Every change is durable when its promise
 * resolves, and has not happened at all when it rejects, which it does with a `StoreError`. The `records` of a change are kept
 * in one step with it, until they are in the journal: if the process ends before that, the next start brings them there.
 */
export interface ApplicationStore {
  /** Every application, by rising sdkAppId. */
  load(): Promise<readonly StoredApplication[]>;
  /** One application as it is kept now; undefined when it is not there. */
  read(sdkAppId: number): Promise<StoredApplication | undefined>;
  /** Adds an application with its keys. Rejects with `conflict` when its sdkAppId is there already. */
  add(application: StoredApplication, records: readonly NamedRecord[]): Promise<void>;
  saveSettings(
    decidedOn: ApplicationVersion,
    settings: ApplicationSettings,
    records: readonly NamedRecord[],
  ): Promise<void>;
  /** Adds a key whose id the application does not have yet. */
  addKey(decidedOn: ApplicationVersion, key: StoredKey, records: readonly NamedRecord[]): Promise<void>;
  saveKeyState(
    decidedOn: ApplicationVersion,
    keyId: string,
    state: KeyState,
    records: readonly NamedRecord[],
  ): Promise<void>;
  /** Keeps the permission control of one room (a room key text); undefined forgets it. */
  saveRoomControl(
    decidedOn: ApplicationVersion,
    room: string,
    control: PermissionControl | undefined,
    records: readonly NamedRecord[],
  ): Promise<void>;
}
