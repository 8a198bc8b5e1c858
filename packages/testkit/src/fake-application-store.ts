import type { ApplicationStore, StoredApplication, StoredKey } from '@roomkey/server/ports';
import { StoreError } from '@roomkey/server/ports';

/** An application for tests: everything in it can be overwritten. */
export const storedApplication = (more: Partial<StoredApplication> = {}): StoredApplication => ({
  sdkAppId: 1_400_000_009,
  createdAt: 1_800_000_000_000,
  name: 'test',
  permissionControl: 'enforce',
  expiryPolicy: 'keep',
  staleKeyPolicy: 'remove',
  duplicatePolicy: 'replace',
  maxMembersPerRoom: 100,
  maxRooms: 100,
  lingerSeconds: 0,
  graceSeconds: 60,
  keys: [{ keyId: 'k1', secret: '1'.repeat(64), state: 'active', createdAt: 1_800_000_000_000 }],
  roomControls: new Map(),
  ...more,
});

/** Applications in memory, kept as text so that nothing is shared with the caller. */
export class FakeApplicationStore implements ApplicationStore {
  readonly #rows = new Map<number, string>();
  #fault: StoreError | undefined;

  /** Lets every later change fail until it is called without an argument. */
  failWith(fault?: StoreError): void {
    this.#fault = fault;
  }

  async load(): Promise<readonly StoredApplication[]> {
    return [...this.#rows.keys()].sort((a, b) => a - b).map((sdkAppId) => this.#read(sdkAppId));
  }

  async add(application: StoredApplication): Promise<void> {
    if (this.#rows.has(application.sdkAppId)) throw new StoreError('failed', 'That application is there.');
    this.#write(application);
  }

  async saveSettings(sdkAppId: number, settings: Partial<StoredApplication>): Promise<void> {
    const { keys, roomControls, createdAt } = this.#read(sdkAppId);
    this.#write({ ...storedApplication(), ...settings, sdkAppId, keys, roomControls, createdAt });
  }

  async addKey(sdkAppId: number, key: StoredKey): Promise<void> {
    const before = this.#read(sdkAppId);
    if (before.keys.some(({ keyId }) => keyId === key.keyId))
      throw new StoreError('failed', 'That key is there.');
    this.#write({ ...before, keys: [...before.keys, key] });
  }

  async saveKeyState(sdkAppId: number, keyId: string, state: StoredKey['state']): Promise<void> {
    const before = this.#read(sdkAppId);
    if (!before.keys.some((key) => key.keyId === keyId)) throw new StoreError('failed', 'No such key.');
    const keys = before.keys.map((key) => (key.keyId === keyId ? { ...key, state } : key));
    this.#write({ ...before, keys });
  }

  async saveRoomControl(
    sdkAppId: number,
    room: string,
    control: StoredApplication['permissionControl'] | undefined,
  ): Promise<void> {
    const before = this.#read(sdkAppId);
    const roomControls = new Map(before.roomControls);
    if (control) roomControls.set(room, control);
    else roomControls.delete(room);
    this.#write({ ...before, roomControls });
  }

  #read(sdkAppId: number): StoredApplication {
    const row = this.#rows.get(sdkAppId);
    if (row === undefined) throw new StoreError('failed', 'No such application.');
    const { roomControls, ...rest } = JSON.parse(row);
    return { ...rest, roomControls: new Map(roomControls) };
  }

  #write(application: StoredApplication): void {
    if (this.#fault) throw this.#fault;
    this.#rows.set(
      application.sdkAppId,
      JSON.stringify({ ...application, roomControls: [...application.roomControls] }),
    );
  }
}
