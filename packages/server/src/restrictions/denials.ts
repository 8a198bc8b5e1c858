import { missing } from '@roomkey/tickets/permissions';
import type { Recorded } from '../change-recorder.ts';
import type { Decided, Denial, RestrictedUser } from '../ports/index.ts';
import { heldOf, type RestrictionContext } from './restriction-context.ts';
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

  /** The denials of an application that take something now, by user and room. */
  of(sdkAppId: number): Map<string, Denial> {
    const now = this.#context.clock.now();
    return heldOf(this.#index.of(sdkAppId), ({ mask, expiresAt }) => mask !== 0 && expiresAt > now);
  }

  /** Makes the changes that `decide` asks for, each one version further than the denial that it found. */
  change(
    decide: () => readonly Denial[] | Promise<readonly Denial[]>,
    by: Decided,
  ): Promise<Recorded<readonly Denial[]>> {
    const { store, clock, queue, recorder } = this.#context;
    let denials: readonly Denial[] = [];
    return queue.run({
      decide: async () => {
        denials = await decide();
        if (denials.length === 0) return { result: denials, recordings: [] };
        const now = clock.now();
        const had = denials.map((denial) => this.find(denial)?.mask ?? 0);
        const recordings = await recorder.make({
          records: denials.map((denial, index) => deniedRecord(denial, had[index] ?? 0, by, now)),
          gives: denials.some(({ mask }, index) => missing(mask, had[index] ?? 0).length > 0)
            ? 'besides'
            : 'nothing',
          save: (records) => store.saveDenials(denials, now, records),
        });
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

  /** Forgets those that have ended, and returns them. */
  takeEnded(now: number): Denial[] {
    return this.#index.takeEnded(now);
  }

  /** Takes over what other processes have made of the denials in the rooms of a change. */
  async #reload(tried: readonly Denial[]): Promise<void> {
    const rooms = new Map(tried.map((denial) => [`${denial.sdkAppId} ${denial.room}`, denial]));
    for (const { sdkAppId, room } of rooms.values()) {
      const stored = await this.#context.store.readDenials(sdkAppId, room);
      const there = new Set(stored.map(({ userId }) => userId));
      const here = tried.filter((denial) => denial.sdkAppId === sdkAppId && denial.room === room);
      // A store forgets none but those that have ended.
      for (const denial of here.filter(({ userId }) => !there.has(userId))) this.#index.delete(denial);
      const changed = stored.filter((denial) => !isSame(denial, this.#index.find(denial)));
      for (const denial of changed) this.#index.set(denial);
      if (changed.length > 0)
        this.#context.reloaded({ sdkAppId, room, userIds: changed.map(({ userId }) => userId) });
    }
  }
}

const isSame = (one: Denial, other: Denial | undefined): boolean =>
  one.version === other?.version && one.since === other.since && one.expiresAt === other.expiresAt;
