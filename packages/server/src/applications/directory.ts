import { randomBytes, randomInt } from 'node:crypto';
import {
  type ApplicationView,
  isRoomId,
  isStrRoomId,
  type NewKey,
  type RoomRef,
  roomKey,
  roomRef,
  ServiceError,
} from '@roomkey/protocol';
import type {
  Application,
  ApplicationSettings,
  ApplicationStore,
  Applications,
  Clock,
  KeyState,
  PermissionControl,
  StoredApplication,
  StoredKey,
} from '../ports/index.ts';
import { StoreError } from '../ports/index.ts';
import {
  checkKeyState,
  checkSdkAppId,
  checkSecret,
  checkSettings,
  DEMO_SDK_APP_ID,
  MAX_KEYS,
  MAX_ROOM_CONTROLS,
  type SettingsChange,
  standardSettings,
} from './rules.ts';
import { settingsOf, viewOf } from './view.ts';

/** What an operator did to an application, told after it is durable and in force. */
export interface ApplicationChange {
  /** Who did it, as the journal will name them. */
  readonly actor: string;
  readonly action: 'create' | 'set' | 'addKey' | 'setKeyState' | 'setRoomControl' | 'clearRoomControl';
  /** What it was changed to, and of which room (room key text). */
  readonly to: Readonly<Record<string, string | number>>;
  readonly room?: string | undefined;
  /** The application as it is now. */
  readonly application: Application;
}

/** What a new application is asked to be; what is not asked for is chosen. */
export interface NewApplication {
  readonly sdkAppId?: number | undefined;
  readonly settings?: SettingsChange;
  /** A secret key that exists already elsewhere; without it one is made. */
  readonly secret?: string | undefined;
}

/** 256 random bits, written as the vendor writes its secret keys. */
export const newSecret = (): string => randomBytes(32).toString('hex');

/**
 * The applications: the newest state in memory for the rooms, and every change an operator can make.
 * A change is durable before it is in force, and changes take effect one after another. Each rejects with a
 * `ServiceError`: its own for a bad argument, `internal` (nothing changed) when the store refused.
 */
export class ApplicationDirectory implements Applications {
  readonly #store: ApplicationStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #applications: Map<number, StoredApplication>;
  readonly #listeners = new Set<(change: ApplicationChange) => unknown>();
  /** What listeners have yet to do of the change in work. */
  #heard: unknown[] = [];
  #tail: Promise<unknown> = Promise.resolve();

  /** Begins with what the store holds now; `open` reads it. */
  constructor(
    store: ApplicationStore,
    clock: Pick<Clock, 'now'>,
    applications: readonly StoredApplication[],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#applications = new Map(applications.map((application) => [application.sdkAppId, application]));
  }

  /** Reads the store once. @throws {StoreError} when it cannot be read */
  static async open(store: ApplicationStore, clock: Pick<Clock, 'now'>): Promise<ApplicationDirectory> {
    return new ApplicationDirectory(store, clock, await store.load());
  }

  find(sdkAppId: number): Application | undefined {
    return this.#applications.get(sdkAppId);
  }

  /**
   * Calls `hear` after every change; returns the undo. A change is answered when all have done what they promised;
   * what they throw is not heard by anybody.
   */
  onChange(hear: (change: ApplicationChange) => unknown): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  /** A page of applications by rising sdkAppId, behind `after`. */
  list(page: { readonly after?: string | undefined; readonly limit: number }): {
    readonly applications: ApplicationView[];
    readonly next?: string;
  } {
    const after = page.after === undefined ? 0 : Number(page.after);
    if (!Number.isFinite(after)) throw new ServiceError('settingInvalid', 'after must be an sdkAppId.');
    const behind = [...this.#applications.values()]
      .filter(({ sdkAppId }) => sdkAppId > after)
      .sort((a, b) => a.sdkAppId - b.sdkAppId);
    const applications = behind.slice(0, page.limit).map(viewOf);
    const last = applications.at(-1);
    return behind.length > page.limit && last
      ? { applications, next: String(last.sdkAppId) }
      : { applications };
  }

  /** @throws {ServiceError} `applicationUnknown` */
  get(sdkAppId: number): ApplicationView {
    return viewOf(this.#known(sdkAppId));
  }

  /** A page of the rooms with a permission control of their own, by room key, behind the room key `after`. */
  roomControls(
    sdkAppId: number,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): {
    readonly roomControls: { readonly room: RoomRef; readonly permissionControl: PermissionControl }[];
    readonly next?: string;
  } {
    const { after = '' } = page;
    const behind = [...this.#known(sdkAppId).roomControls]
      .filter(([room]) => room > after)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const rows = behind.slice(0, page.limit);
    const roomControls = rows.map(([room, permissionControl]) => ({
      room: roomRef(room),
      permissionControl,
    }));
    const last = rows.at(-1);
    return behind.length > page.limit && last ? { roomControls, next: last[0] } : { roomControls };
  }

  /** Makes an application with its first key; the secret is in the answer only when it was made here. */
  create(
    actor: string,
    asked: NewApplication,
  ): Promise<{ readonly application: ApplicationView; readonly key: NewKey }> {
    return this.#inTurn(async () => {
      if (asked.sdkAppId !== undefined) checkSdkAppId(asked.sdkAppId);
      return this.#add(actor, asked.sdkAppId ?? this.#freeSdkAppId(), asked);
    });
  }

  /** Makes the demo page's application if it is not there; it always enforces. */
  async ensureDemo(actor: string): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#applications.has(DEMO_SDK_APP_ID)) return;
      await this.#add(actor, DEMO_SDK_APP_ID, { settings: { name: 'demo' } });
    });
  }

  set(actor: string, sdkAppId: number, settings: SettingsChange): Promise<ApplicationView> {
    return this.#inTurn(async () => {
      const before = this.#known(sdkAppId);
      checkSettings(settings);
      checkControl(sdkAppId, settings.permissionControl);
      const after = { ...before, ...given(settings) };
      await this.#durably(this.#store.saveSettings(sdkAppId, settingsOf(after)));
      return this.#enforce({ actor, action: 'set', to: given(settings), application: after });
    });
  }

  /** Adds an active key; the secret is in the answer only when it was made here. */
  addKey(
    actor: string,
    sdkAppId: number,
    secret?: string,
  ): Promise<{ readonly application: ApplicationView; readonly key: NewKey }> {
    return this.#inTurn(async () => {
      const before = this.#known(sdkAppId);
      if (secret !== undefined && sdkAppId === DEMO_SDK_APP_ID)
        throw new ServiceError(
          'settingInvalid',
          'The demo page gives tickets to everybody: its keys are its own.',
        );
      if (before.keys.length >= MAX_KEYS)
        throw new ServiceError('settingInvalid', `An application has at most ${MAX_KEYS} keys.`);
      const key = this.#newKey(before.keys, secret);
      await this.#durably(this.#store.addKey(sdkAppId, key));
      const application = this.#enforce({
        actor,
        action: 'addKey',
        to: { keyId: key.keyId },
        application: { ...before, keys: [...before.keys, key] },
      });
      return { application, key: told(key, secret) };
    });
  }

  setKeyState(actor: string, sdkAppId: number, keyId: string, state: KeyState): Promise<ApplicationView> {
    return this.#inTurn(async () => {
      const before = this.#known(sdkAppId);
      const key = before.keys.find((candidate) => candidate.keyId === keyId);
      if (!key) throw new ServiceError('keyUnknown');
      checkKeyState(key, state);
      await this.#durably(this.#store.saveKeyState(sdkAppId, keyId, state));
      const keys = before.keys.map((other) => (other === key ? { ...key, state } : other));
      const to = { keyId, state };
      return this.#enforce({ actor, action: 'setKeyState', to, application: { ...before, keys } });
    });
  }

  /** Gives one room a permission control of its own; it holds for every life of the room. */
  setRoomControl(
    actor: string,
    sdkAppId: number,
    room: RoomRef,
    control: PermissionControl,
  ): Promise<ApplicationView> {
    return this.#inTurn(async () => {
      const before = this.#known(sdkAppId);
      const key = legalRoom(room);
      checkControl(sdkAppId, control);
      if (!before.roomControls.has(key) && before.roomControls.size >= MAX_ROOM_CONTROLS)
        throw new ServiceError(
          'settingInvalid',
          `At most ${MAX_ROOM_CONTROLS} rooms of an application have a permission control of their own.`,
        );
      await this.#durably(this.#store.saveRoomControl(sdkAppId, key, control));
      const roomControls = new Map(before.roomControls).set(key, control);
      const to = { permissionControl: control };
      const application = { ...before, roomControls };
      return this.#enforce({ actor, action: 'setRoomControl', to, room: key, application });
    });
  }

  /** Lets a room follow its application again; also when it already does. */
  clearRoomControl(actor: string, sdkAppId: number, room: RoomRef): Promise<ApplicationView> {
    return this.#inTurn(async () => {
      const before = this.#known(sdkAppId);
      const key = legalRoom(room);
      await this.#durably(this.#store.saveRoomControl(sdkAppId, key, undefined));
      const roomControls = new Map(before.roomControls);
      roomControls.delete(key);
      const application = { ...before, roomControls };
      return this.#enforce({ actor, action: 'clearRoomControl', to: {}, room: key, application });
    });
  }

  async #add(
    actor: string,
    sdkAppId: number,
    { settings = {}, secret }: NewApplication,
  ): Promise<{ readonly application: ApplicationView; readonly key: NewKey }> {
    if (this.#applications.has(sdkAppId)) throw new ServiceError('applicationExists');
    checkSettings(settings);
    const key = this.#newKey([], secret);
    const added: StoredApplication = {
      ...standardSettings,
      name: `application ${sdkAppId}`,
      ...given(settings),
      sdkAppId,
      createdAt: this.#clock.now(),
      keys: [key],
      roomControls: new Map(),
    };
    await this.#durably(this.#store.add(added));
    const to = { ...settingsOf(added), keyId: key.keyId };
    const application = this.#enforce({ actor, action: 'create', to, application: added });
    return { application, key: told(key, secret) };
  }

  #newKey(keys: readonly StoredKey[], secret: string = newSecret()): StoredKey {
    checkSecret(secret, keys);
    return { keyId: `k${keys.length + 1}`, secret, state: 'active', createdAt: this.#clock.now() };
  }

  /** A number like the vendor's, away from the ones given out at the first start. */
  #freeSdkAppId(): number {
    for (;;) {
      const sdkAppId = randomInt(1_400_001_000, 1_500_000_000);
      if (!this.#applications.has(sdkAppId)) return sdkAppId;
    }
  }

  #known(sdkAppId: number): StoredApplication {
    const application = this.#applications.get(sdkAppId);
    if (!application) throw new ServiceError('applicationUnknown');
    return application;
  }

  #enforce(change: ApplicationChange & { readonly application: StoredApplication }): ApplicationView {
    const { application } = change;
    this.#applications.set(application.sdkAppId, application);
    for (const hear of this.#listeners) {
      try {
        this.#heard.push(hear(change));
      } catch {
        // The change is made; one listener's fault is no reason to tell its caller otherwise.
      }
    }
    return viewOf(application);
  }

  async #durably(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (cause) {
      const why = cause instanceof StoreError ? ` ${cause.message}` : '';
      throw new ServiceError('internal', `Nothing was changed: the database refused it.${why}`, { cause });
    }
  }

  /** The next change does not wait for what listeners do about this one. */
  async #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(async () => {
      this.#heard = [];
      const result = await job();
      return { result, heard: this.#heard };
    });
    this.#tail = done.catch(() => undefined);
    const { result, heard } = await done;
    await Promise.allSettled(heard);
    return result;
  }
}

/** The settings that were really given: an `undefined` does not overwrite. */
const given = (settings: SettingsChange): Partial<ApplicationSettings> => ({
  ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
  ...(settings.name === undefined ? {} : { name: settings.name.trim() }),
});

const told = (key: StoredKey, secret: string | undefined): NewKey =>
  secret === undefined ? { keyId: key.keyId, secret: key.secret } : { keyId: key.keyId };

function legalRoom(room: RoomRef): string {
  if ('roomId' in room && !isRoomId(room.roomId)) throw new ServiceError('roomIdIllegal');
  if ('strRoomId' in room && !isStrRoomId(room.strRoomId)) throw new ServiceError('strRoomIdIllegal');
  return roomKey(room);
}

/** Everybody gets tickets for the demo: what a bit does there has to be true. */
function checkControl(sdkAppId: number, control: PermissionControl | undefined): void {
  if (sdkAppId !== DEMO_SDK_APP_ID || control === undefined || control === 'enforce') return;
  throw new ServiceError(
    'settingInvalid',
    'The demo page shows what the permission bits do: its application always enforces them.',
  );
}
