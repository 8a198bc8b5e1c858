import type { Clock, RoomControl } from '../ports/index.ts';
import type { Restrictions } from '../restrictions/index.ts';

/** Longest sleep in milliseconds: a wall clock that was set is noticed after that. */
const LONGEST_SLEEP_MS = 30_000;

/** What the watch over what expires works with. */
interface Parts {
  readonly restrictions: Restrictions;
  readonly clock: Clock;
  readonly rooms: RoomControl | undefined;
  /** Measures a change from its arrival until the result is called. */
  readonly timed: () => () => void;
  readonly fault: (error: unknown) => void;
}

/**
 * Watches over the denials and bans of a running server that end by themselves, and gives back then what they took. Where the
 * wall clock was set back, it takes that again.
 */
export class RestrictionExpiry {
  readonly #parts: Parts;
  #stop: () => void = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.watch();
  }

  /** Sleeps until the next denial or ban ends; to be called when one has changed. */
  watch(): void {
    const { restrictions, rooms, clock, fault } = this.#parts;
    this.#stop();
    const next = restrictions.nextEnd;
    if (!rooms || (next === undefined && !restrictions.hasOver)) return;
    const sleep = Math.min(Math.max((next ?? Number.POSITIVE_INFINITY) - clock.now(), 0), LONGEST_SLEEP_MS);
    this.#stop = clock.after(sleep, () => void this.#expire(rooms).catch(fault));
  }

  /** Idempotent. */
  close(): void {
    this.#stop();
    this.#stop = () => {};
  }

  async #expire(rooms: RoomControl): Promise<void> {
    const { restrictions, timed } = this.#parts;
    const done = timed();
    const { denials, bans } = await restrictions.prune();
    this.watch();
    const users = new Map<string, { sdkAppId: number; room: string | undefined; userIds: string[] }>();
    // A ban that ends changes nothing for those inside; one that holds again does.
    const again = bans.filter((ban) => restrictions.ban(ban));
    for (const { sdkAppId, room, userId } of [...denials, ...again]) {
      const key = `${sdkAppId}/${room}`;
      const known = users.get(key) ?? { sdkAppId, room, userIds: [] };
      known.userIds.push(userId);
      users.set(key, known);
    }
    await Promise.all([...users.values()].map(({ userIds, ...at }) => rooms.apply(at, userIds)));
    if (denials.length > 0) done();
  }
}
