import { randomInt } from 'node:crypto';
import { type ApplicationView, type NewKey, type RoomRef, ServiceError } from '@roomkey/protocol';
import { type Actor, systemActor } from '@roomkey/tickets/permissions';
import { ChangeQueue } from '../change-queue.ts';
import { ChangeRecorder, onRecord, type Recorded } from '../change-recorder.ts';
import type {
  Application,
  ApplicationStore,
  Applications,
  Clock,
  Journal,
  KeyState,
  PermissionControl,
  StoredApplication,
} from '../ports/index.ts';
import { type ApplicationChange, ChangeListeners } from './application-change.ts';
import { told } from './new-key.ts';
import {
  type ApplicationPage,
  applicationPage,
  type Page,
  type RoomControlPage,
  roomControlPage,
} from './pages.ts';
import {
  type NewApplication,
  type PlannedChange,
  planCreation,
  planKey,
  planKeyState,
  planRoomControl,
  planSettings,
} from './planned-change.ts';
import { checkSdkAppId, DEMO_SDK_APP_ID, type SettingsChange } from './rules.ts';
import { viewOf } from './view.ts';

/** An application or a key that was just made; the secret is in the answer only when it was made here. */
interface WithNewKey {
  readonly application: ApplicationView;
  readonly key: NewKey;
}

/**
 * The applications: the newest state in memory for the rooms, and every change an operator can make.
 * A change is durable before it is in force, and changes take effect one after another. A change that another process has
 * overtaken is decided again on the newest state. Every change is on record. One by which somebody may do more is answered when
 * its record is on disk. Each rejects with a `ServiceError`: its own for a bad argument, `internal` (nothing changed) when the
 * store refused, `journalUnavailable` when the record has to wait for the disk; the message says whether the change is made.
 */
export class ApplicationDirectory implements Applications {
  readonly #store: ApplicationStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #applications: Map<number, StoredApplication>;
  readonly #listeners = new ChangeListeners();
  readonly #queue = new ChangeQueue();
  readonly #recorder: ChangeRecorder;

  /** Begins with what the store holds now; `open` reads it. */
  constructor(
    store: ApplicationStore,
    clock: Pick<Clock, 'now'>,
    journal: Journal,
    applications: readonly StoredApplication[],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#recorder = new ChangeRecorder(journal);
    this.#applications = new Map(applications.map((application) => [application.sdkAppId, application]));
  }

  /** Reads the store once. @throws {StoreError} when it cannot be read */
  static async open(
    store: ApplicationStore,
    clock: Pick<Clock, 'now'>,
    journal: Journal,
  ): Promise<ApplicationDirectory> {
    return new ApplicationDirectory(store, clock, journal, await store.load());
  }

  find(sdkAppId: number): Application | undefined {
    return this.#applications.get(sdkAppId);
  }

  /**
   * Calls `hear` after every change; returns the undo. A change is answered when all have done what they promised.
   * What they throw is ignored.
   */
  onChange(hear: (change: ApplicationChange) => unknown): () => void {
    return this.#listeners.add(hear);
  }

  /** A page of applications by rising sdkAppId, behind `after`. */
  list(page: Page): ApplicationPage {
    return applicationPage(this.#applications.values(), page);
  }

  /** @throws {ServiceError} `applicationUnknown` */
  get(sdkAppId: number): ApplicationView {
    return viewOf(this.#known(sdkAppId));
  }

  /** A page of the rooms with a permission control of their own, by room key, behind the room key `after`. */
  roomControls(sdkAppId: number, page: Page): RoomControlPage {
    return roomControlPage(this.#known(sdkAppId), page);
  }

  /** Makes an application with its first key. */
  create(actor: Actor, asked: NewApplication): Promise<WithNewKey> {
    let sdkAppId: number;
    return this.#answered(
      async () => {
        if (asked.sdkAppId !== undefined) checkSdkAppId(asked.sdkAppId);
        sdkAppId = asked.sdkAppId ?? this.#freeSdkAppId();
        return this.#add(actor, sdkAppId, asked);
      },
      () => this.#reload(sdkAppId),
    );
  }

  /** Makes the demo page's application if it is not there; it always enforces. */
  async ensureDemo(actor: Actor): Promise<void> {
    await this.#answered(
      async () => {
        if (this.#applications.has(DEMO_SDK_APP_ID)) return { result: undefined, recordings: [] };
        return this.#add(actor, DEMO_SDK_APP_ID, { settings: { name: 'demo' } });
      },
      () => this.#reload(DEMO_SDK_APP_ID),
    );
  }

  async set(actor: Actor, sdkAppId: number, settings: SettingsChange): Promise<ApplicationView> {
    const { view } = await this.#change(actor, sdkAppId, (before) => planSettings(before, settings));
    return view;
  }

  /** Adds an active key. */
  async addKey(actor: Actor, sdkAppId: number, secret?: string): Promise<WithNewKey> {
    const { view, plan } = await this.#change(actor, sdkAppId, (before) =>
      planKey(before, { secret, createdAt: this.#clock.now() }),
    );
    return { application: view, key: told(plan.key, secret) };
  }

  async setKeyState(
    actor: Actor,
    sdkAppId: number,
    keyId: string,
    state: KeyState,
  ): Promise<ApplicationView> {
    const { view } = await this.#change(actor, sdkAppId, (before) => planKeyState(before, keyId, state));
    return view;
  }

  /** Gives one room a permission control of its own; it holds for every life of the room. */
  async setRoomControl(
    actor: Actor,
    sdkAppId: number,
    room: RoomRef,
    control: PermissionControl,
  ): Promise<ApplicationView> {
    const { view } = await this.#change(actor, sdkAppId, (before) => planRoomControl(before, room, control));
    return view;
  }

  /** Lets a room follow its application again; also when it already does. */
  async clearRoomControl(actor: Actor, sdkAppId: number, room: RoomRef): Promise<ApplicationView> {
    const { view } = await this.#change(actor, sdkAppId, (before) =>
      planRoomControl(before, room, undefined),
    );
    return view;
  }

  async #add(actor: Actor, sdkAppId: number, asked: NewApplication): Promise<Recorded<WithNewKey>> {
    if (this.#applications.has(sdkAppId)) throw new ServiceError('applicationExists');
    const plan = planCreation(sdkAppId, asked, this.#clock.now());
    const { result: application, recordings } = await this.#make(actor, plan);
    return { result: { application, key: told(plan.key, asked.secret) }, recordings };
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

  /** Changes an application that is there. `plan` decides on its newest state; it runs again if another process was faster. */
  #change<P extends PlannedChange>(
    actor: Actor,
    sdkAppId: number,
    plan: (before: StoredApplication) => P,
  ): Promise<{ readonly view: ApplicationView; readonly plan: P }> {
    return this.#answered(
      async () => {
        const planned = plan(this.#known(sdkAppId));
        const { result: view, recordings } = await this.#make(actor, planned);
        return { result: { view, plan: planned }, recordings };
      },
      () => this.#reload(sdkAppId),
    );
  }

  async #make(
    actor: Actor,
    { save, gives, action, to, room, application }: PlannedChange,
  ): Promise<Recorded<ApplicationView>> {
    const { sdkAppId } = application;
    const at = { at: this.#clock.now(), sdkAppId, room };
    const recordings = await this.#recorder.make({
      records: [{ ...at, kind: 'application', actor, cause: action, details: to }],
      gives,
      save: (records) => save(this.#store, records),
    });
    this.#enforce({ actor, action, to, room, application });
    return { result: viewOf(application), recordings };
  }

  /** Takes over what another process has made of an application. */
  async #reload(sdkAppId: number): Promise<void> {
    const application = await this.#store.read(sdkAppId);
    if (application) this.#enforce({ actor: systemActor, action: 'reload', to: {}, application });
    else this.#applications.delete(sdkAppId);
  }

  #enforce(change: ApplicationChange & { readonly application: StoredApplication }): void {
    this.#applications.set(change.application.sdkAppId, change.application);
    this.#listeners.tell(change);
  }

  /**
   * Answers when listeners have done what they promised, and what is given is on record; the next change does not wait for that.
   */
  async #answered<T>(decide: () => Promise<Recorded<T>>, reload: () => Promise<void>): Promise<T> {
    const { result, recordings, promised } = await this.#queue.run({
      decide: async () => {
        const made = await decide();
        return { ...made, promised: this.#listeners.takePromised() };
      },
      reload,
    });
    await Promise.all(promised);
    await onRecord(recordings);
    return result;
  }
}
