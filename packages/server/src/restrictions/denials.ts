import type { Recorded } from '../change-recorder.ts';
import type {
  Decided,
  Denial,
  JournalRecord,
  NamedRecord,
  Replacement,
  RestrictedUser,
} from '../ports/index.ts';
import { Gain } from './gain.ts';
import { held, type RestrictionContext } from './restriction-context.ts';
import { deniedRecord } from './restriction-records.ts';
import { TimedIndex } from './timed-index.ts';

/** The permissions that operators took from users in rooms. */
export class Denials {
  readonly #context: RestrictionContext;
  readonly #index: TimedIndex<Denial>;

  constructor(context: RestrictionContext, stored: readonly Denial[]) {
    this.#context = context;
    this.#index = new TimedIndex(stored, ({ expiresAt }) => expiresAt);
  }

  /** The denial of a user in a room that has not expired. */
  find(at: RestrictedUser): Denial | undefined {
    const denial = this.#index.find(at);
    return denial && denial.expiresAt > this.#context.clock.now() ? denial : undefined;
  }

  /** The version of what is denied to a user: of the kept denial, ended or not; where none is kept, the floor of the application. */
  version(at: RestrictedUser): number {
    return this.#index.find(at)?.version ?? this.#context.floors.of(at.sdkAppId);
  }

  /** The denials of an application that take something now, in the order of users and rooms, behind one of these. */
  behind(sdkAppId: number, name: string): Iterable<readonly [string, Denial]> {
    const now = this.#context.clock.now();
    const all = this.#index.behind(sdkAppId, name);
    return held(all, ({ mask, expiresAt }) => mask !== 0 && expiresAt > now);
  }

  /**
   * Makes the changes that `decide` asks for, each one version further than {@link version}. Many are worked out in several turns of
   * the event loop; they are in force all at once.
   */
  change(
    decide: () => readonly Denial[] | Promise<readonly Denial[]>,
    by: Decided,
  ): Promise<Recorded<readonly Denial[]>> {
    const { store, clock, queue, recorder, share } = this.#context;
    let denials: readonly Denial[] = [];
    return queue.run({
      decide: async () => {
        denials = await decide();
        if (denials.length === 0) return { result: denials, recordings: [] };
        const now = clock.now();
        const gain = new Gain();
        const changes: Replacement<Denial>[] = [];
        const records: JournalRecord[] = [];
        await share.each(denials, (after) => {
          const had = this.find(after)?.mask ?? 0;
          gain.add(had, after.mask);
          changes.push({ before: this.#index.find(after), after });
          records.push(deniedRecord(after, had, by, now));
        });
        const save = (named: readonly NamedRecord[]) => store.saveDenials(changes, named);
        const recordings = await recorder.make({ records, gives: gain.gives, save });
        // In one turn: nobody sees half of a change in force. It is little for each.
        for (const denial of denials) this.#index.set(denial);
        return { result: denials, recordings };
      },
      reload: () => this.#reload(denials),
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
  turned(now: number): Denial[] {
    return this.#index.turned(now);
  }

  /** Those that have ended at a time. */
  ended(now: number): Denial[] {
    return this.#index.ended(now);
  }

  /** Forgets those that the store has forgotten: what is new begins above their versions. */
  forget(ended: readonly Denial[]): Promise<void> {
    return this.#context.share.each(ended, (one) => {
      this.#context.floors.raise(one.sdkAppId, one.version);
      this.#index.delete(one);
    });
  }

  /** Takes over what other processes have made of the denials in the rooms of a change. */
  async #reload(tried: readonly Denial[]): Promise<void> {
    const { store, floors, reloaded, share } = this.#context;
    const rooms = new Map(tried.map((denial) => [`${denial.sdkAppId} ${denial.room}`, denial]));
    for (const { sdkAppId, room } of rooms.values()) {
      const stored = await store.readDenials(sdkAppId, room);
      floors.raise(sdkAppId, await store.readFloor(sdkAppId));
      const there = new Set(stored.map(({ userId }) => userId));
      const here = tried.filter((denial) => denial.sdkAppId === sdkAppId && denial.room === room);
      // A store forgets none but those that have ended.
      for (const denial of here.filter(({ userId }) => !there.has(userId))) this.#index.delete(denial);
      const userIds: string[] = [];
      await share.each(stored, (denial) => {
        if (isSame(denial, this.#index.find(denial))) return;
        this.#index.set(denial);
        userIds.push(denial.userId);
      });
      if (userIds.length > 0) reloaded({ sdkAppId, room, userIds });
    }
  }
}

const isSame = (one: Denial, other: Denial | undefined): boolean =>
  one.version === other?.version && one.since === other.since && one.expiresAt === other.expiresAt;
