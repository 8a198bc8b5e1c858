import type {
  ApplicationStore,
  ApplicationVersion,
  NamedRecord,
  StoredApplication,
  StoredKey,
} from '@roomkey/server/ports';
import { StoreError } from '@roomkey/server/ports';

/** An application for tests: everything in it can be overwritten. */
export const storedApplication = (more: Partial<StoredApplication> = {}): StoredApplication => ({
  sdkAppId: 1_400_000_009,
  createdAt: 1_800_000_000_000,
  version: 1,
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
  /** The records of all changes. */
  readonly records: NamedRecord[] = [];
  readonly #rows = new Map<number, string>();
  #fault: StoreError | undefined;

  /** Lets every later change fail until it is called without an argument. */
  failWith(fault?: StoreError): void {
    this.#fault = fault;
  }

  async load(): Promise<readonly StoredApplication[]> {
    const all = await Promise.all([...this.#rows.keys()].sort((a, b) => a - b).map((id) => this.read(id)));
    return all.flatMap((application) => application ?? []);
  }

  async read(sdkAppId: number): Promise<StoredApplication | undefined> {
    const row = this.#rows.get(sdkAppId);
    if (row === undefined) return undefined;
    const { roomControls, ...rest } = JSON.parse(row);
    return { ...rest, roomControls: new Map(roomControls) };
  }

  async add(application: StoredApplication, records: readonly NamedRecord[]): Promise<void> {
    if (this.#rows.has(application.sdkAppId)) throw conflict();
    this.#write(application, records);
  }

  async saveSettings(
    decidedOn: ApplicationVersion,
    settings: Partial<StoredApplication>,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const { keys, roomControls, createdAt } = await this.#decided(decidedOn);
    const { sdkAppId, version } = decidedOn;
    const kept = { sdkAppId, keys, roomControls, createdAt, version: version + 1 };
    this.#write({ ...storedApplication(), ...settings, ...kept }, records);
  }

  async addKey(
    decidedOn: ApplicationVersion,
    key: StoredKey,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const before = await this.#decided(decidedOn);
    if (before.keys.some(({ keyId }) => keyId === key.keyId))
      throw new StoreError('failed', 'That key is there.');
    this.#write({ ...before, keys: [...before.keys, key], version: before.version + 1 }, records);
  }

  async saveKeyState(
    decidedOn: ApplicationVersion,
    keyId: string,
    state: StoredKey['state'],
    records: readonly NamedRecord[],
  ): Promise<void> {
    const before = await this.#decided(decidedOn);
    if (!before.keys.some((key) => key.keyId === keyId)) throw new StoreError('failed', 'No such key.');
    const keys = before.keys.map((key) => (key.keyId === keyId ? { ...key, state } : key));
    this.#write({ ...before, keys, version: before.version + 1 }, records);
  }

  async saveRoomControl(
    decidedOn: ApplicationVersion,
    room: string,
    control: StoredApplication['permissionControl'] | undefined,
    records: readonly NamedRecord[],
  ): Promise<void> {
    const before = await this.#decided(decidedOn);
    const roomControls = new Map(before.roomControls);
    if (control) roomControls.set(room, control);
    else roomControls.delete(room);
    this.#write({ ...before, roomControls, version: before.version + 1 }, records);
  }

  /** The application in the version that a change was decided on. */
  async #decided({ sdkAppId, version }: ApplicationVersion): Promise<StoredApplication> {
    const kept = await this.read(sdkAppId);
    if (kept?.version !== version) throw conflict();
    return kept;
  }

  #write(application: StoredApplication, records: readonly NamedRecord[]): void {
    if (this.#fault) throw this.#fault;
    this.#rows.set(
      application.sdkAppId,
      JSON.stringify({ ...application, roomControls: [...application.roomControls] }),
    );
    this.records.push(...structuredClone(records));
  }
}

const conflict = (): StoreError => new StoreError('conflict', 'It was changed at the same time.');
