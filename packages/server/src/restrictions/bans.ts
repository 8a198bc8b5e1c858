import { ServiceError } from '@roomkey/protocol';
import type { Recorded } from '../change-recorder.ts';
import type { Ban, Decided, Recording, RestrictedUser, Whereabouts } from '../ports/index.ts';
import { held, type RestrictionContext } from './restriction-context.ts';
import { bannedRecord, unbannedRecord } from './restriction-records.ts';
import { TimedIndex } from './timed-index.ts';

/** The users who may not be in a room, or in any of an application. */
export class Bans {
  readonly #context: RestrictionContext;
  readonly #index: TimedIndex<Ban>;

  constructor(context: RestrictionContext, stored: readonly Ban[]) {
    this.#context = context;
    this.#index = new TimedIndex(stored, ({ until }) => until);
  }

  /** The ban of exactly this room, or with `undefined` of the whole application, that has not ended. */
  find(at: RestrictedUser): Ban | undefined {
    const ban = this.#index.find(at);
    return ban && ban.until > this.#context.clock.now() ? ban : undefined;
  }

  /** Whether a user is banned from a room, by a ban of the room or of the application. */
  has(at: Whereabouts): boolean {
    return this.find(at) !== undefined || this.find({ ...at, room: undefined }) !== undefined;
  }

  /** The bans of an application that have not ended, in the order of users and rooms, behind one of these. */
  behind(sdkAppId: number, name: string): Iterable<readonly [string, Ban]> {
    const now = this.#context.clock.now();
    return held(this.#index.behind(sdkAppId, name), ({ until }) => until > now);
  }

  /** Bans a user; an earlier ban of the same user and room is replaced. */
  set(asked: Omit<Ban, 'version'>): Promise<Recorded<Ban>> {
    const { store, floors, queue, recorder } = this.#context;
    return queue.run({
      decide: async () => {
        const before = this.#index.find(asked);
        const ban = { ...asked, version: (before?.version ?? floors.of(asked.sdkAppId)) + 1 };
        const holds = this.find(asked);
        const recordings = await recorder.make({
          records: [bannedRecord(ban)],
          gives: holds && holds.until > ban.until ? 'only' : 'nothing',
          save: (records) => store.saveBan({ before, after: ban }, records),
        });
        this.#index.set(ban);
        return { result: ban, recordings };
      },
      reload: () => this.#reload(asked),
    });
  }

  /** @throws {ServiceError} `banUnknown` */
  lift(at: RestrictedUser, by: Decided): Promise<readonly Recording[]> {
    const { store, clock, floors, queue, recorder } = this.#context;
    return queue.run({
      decide: async () => {
        const ban = this.find(at);
        if (!ban) throw new ServiceError('banUnknown');
        const recordings = await recorder.make({
          records: [unbannedRecord(ban, by, clock.now())],
          gives: 'only',
          save: (records) => store.forgetBan(ban, records),
        });
        this.#index.delete(ban);
        floors.raise(ban.sdkAppId, ban.version);
        return recordings;
      },
      reload: () => this.#reload(at),
    });
  }

  /** When the next one ends. */
  get nextEnd(): number | undefined {
    return this.#index.nextEnd;
  }

  get hasOver(): boolean {
    return this.#index.hasOver;
  }

  /** Those that have ended since this was asked before, and those that hold again: the wall clock was set back. */
  turned(now: number): Ban[] {
    return this.#index.turned(now);
  }

  /** Those that have ended at a time. */
  ended(now: number): Ban[] {
    return this.#index.ended(now);
  }

  /** Forgets those that the store has forgotten: what is new begins above their versions. */
  forget(ended: readonly Ban[]): Promise<void> {
    return this.#context.share.each(ended, (one) => {
      this.#context.floors.raise(one.sdkAppId, one.version);
      this.#index.delete(one);
    });
  }

  /** Takes over what another process has made of a ban. */
  async #reload(at: RestrictedUser): Promise<void> {
    const { store, floors } = this.#context;
    const ban = await store.readBan(at);
    floors.raise(at.sdkAppId, await store.readFloor(at.sdkAppId));
    if (ban) this.#index.set(ban);
    else this.#index.delete(at);
    this.#context.reloaded({ sdkAppId: at.sdkAppId, room: at.room, userIds: [at.userId] });
  }
}
