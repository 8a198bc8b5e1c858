import { ServiceError } from '@roomkey/protocol';
import { nothingTaken, type Operand } from '@roomkey/tickets/permissions';
import type {
  Ban,
  Clock,
  Denial,
  RestrictionReader,
  RestrictionStore,
  Revocation,
  StoredRestrictions,
  Whereabouts,
} from '../ports/index.ts';
import { StoreError } from '../ports/index.ts';

/** Seconds for which a fresh revocation also holds back tickets that are dated in the future. */
const FUTURE_SECONDS = 300;

const placeOf = ({
  sdkAppId,
  userId,
  room,
}: {
  sdkAppId: number;
  userId: string;
  room: string | undefined;
}) => `${sdkAppId} ${userId} ${room ?? ''}`;

const markOf = (sdkAppId: number, target: string): string => `${sdkAppId} ${target}`;

/**
 * What operators have taken away: the newest state in memory for the rooms, kept in a store. A change is durable
 * before it is in force; changes take effect one after another. A change that the store refuses rejects with
 * `internal`, and nothing has changed then.
 */
export class Restrictions implements RestrictionReader {
  readonly #store: RestrictionStore;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #denials: Map<string, Denial>;
  readonly #bans: Map<string, Ban>;
  readonly #marks: Map<string, Revocation>;
  #tail: Promise<unknown> = Promise.resolve();

  /** Begins with what the store holds now; `open` reads it. */
  constructor(store: RestrictionStore, clock: Pick<Clock, 'now'>, stored: StoredRestrictions) {
    this.#store = store;
    this.#clock = clock;
    this.#denials = new Map(stored.denials.map((denial) => [placeOf(denial), denial]));
    this.#bans = new Map(stored.bans.map((ban) => [placeOf(ban), ban]));
    this.#marks = new Map(stored.revocations.map((mark) => [markOf(mark.sdkAppId, mark.target), mark]));
  }

  /** Reads the store once. @throws {StoreError} when it cannot be read */
  static async open(store: RestrictionStore, clock: Pick<Clock, 'now'>): Promise<Restrictions> {
    return new Restrictions(store, clock, await store.load());
  }

  denied(at: Whereabouts): Operand {
    const denial = this.denial(at);
    if (!denial || denial.mask === 0) return nothingTaken(denial?.since ?? this.#clock.now());
    const { mask: bits, cause, actor, since } = denial;
    return { bits, cause, actor, since };
  }

  /** The denial of a user in a room that has not expired. */
  denial(at: Whereabouts): Denial | undefined {
    const denial = this.#denials.get(placeOf(at));
    return denial && denial.expiresAt > this.#clock.now() ? denial : undefined;
  }

  isBanned(at: Whereabouts): boolean {
    return this.ban(at) !== undefined || this.ban({ ...at, room: undefined }) !== undefined;
  }

  /** The ban of exactly this room, or with `undefined` of the whole application, that has not ended. */
  ban(at: Pick<Ban, 'sdkAppId' | 'room' | 'userId'>): Ban | undefined {
    const ban = this.#bans.get(placeOf(at));
    return ban && ban.until > this.#clock.now() ? ban : undefined;
  }

  revoked(ticket: Parameters<RestrictionReader['revoked']>[0]): 'revoked' | 'early' | undefined {
    const { sdkAppId, userId, room, issuedAt } = ticket;
    const now = Math.floor(this.#clock.now() / 1000);
    let verdict: 'early' | undefined;
    for (const target of ['a', `u:${userId}`, ...(room === undefined ? [] : [`r:${room}`])]) {
      const mark = this.#marks.get(markOf(sdkAppId, target));
      if (!mark) continue;
      if (issuedAt <= mark.at) return 'revoked';
      if (issuedAt > now && now < mark.since / 1000 + FUTURE_SECONDS) verdict = 'early';
    }
    return verdict;
  }

  /** The revocation of one target. */
  revocation(sdkAppId: number, target: string): Revocation | undefined {
    return this.#marks.get(markOf(sdkAppId, target));
  }

  /** The denials of an application that hold, by user and room. */
  denials(sdkAppId: number): Map<string, Denial> {
    return this.#held(this.#denials, sdkAppId, ({ mask, expiresAt }) => (mask === 0 ? 0 : expiresAt));
  }

  /** The bans of an application that hold, by user and room. */
  bans(sdkAppId: number): Map<string, Ban> {
    return this.#held(this.#bans, sdkAppId, ({ until }) => until);
  }

  /** The revocations of an application, by target. */
  revocations(sdkAppId: number): Map<string, Revocation> {
    return this.#held(this.#marks, sdkAppId, () => Number.POSITIVE_INFINITY);
  }

  /** Changes denials; `decide` runs when everything asked before is in force, and what it throws changes nothing. */
  changeDenials(decide: () => readonly Denial[] | Promise<readonly Denial[]>): Promise<readonly Denial[]> {
    return this.#inTurn(async () => {
      const denials = await decide();
      if (denials.length > 0) await this.#durably(this.#store.saveDenials(denials));
      for (const denial of denials) this.#denials.set(placeOf(denial), denial);
      return denials;
    });
  }

  setBan(ban: Ban): Promise<void> {
    return this.#inTurn(async () => {
      await this.#durably(this.#store.saveBan(ban));
      this.#bans.set(placeOf(ban), ban);
    });
  }

  /** @throws {ServiceError} `banUnknown` */
  liftBan(at: Pick<Ban, 'sdkAppId' | 'room' | 'userId'>): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.ban(at)) throw new ServiceError('banUnknown');
      await this.#durably(this.#store.forgetBan(at));
      this.#bans.delete(placeOf(at));
    });
  }

  /** Raises a revocation; one that is later already keeps its second. */
  raise(asked: Revocation): Promise<Revocation> {
    return this.#inTurn(async () => {
      const before = this.#marks.get(markOf(asked.sdkAppId, asked.target));
      const mark = { ...asked, at: Math.max(asked.at, before?.at ?? 0) };
      await this.#durably(this.#store.saveRevocation(mark));
      this.#marks.set(markOf(mark.sdkAppId, mark.target), mark);
      return mark;
    });
  }

  /** When the next denial or ban ends, unix milliseconds; undefined: there is none. */
  get nextEnd(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#denials.values()) next = Math.min(next, expiresAt);
    for (const { until } of this.#bans.values()) next = Math.min(next, until);
    return Number.isFinite(next) ? next : undefined;
  }

  /** Forgets what has ended, and returns it. */
  prune(): Promise<{ readonly denials: readonly Denial[]; readonly bans: readonly Ban[] }> {
    return this.#inTurn(async () => {
      const now = this.#clock.now();
      const ended = [...this.#denials].filter(([, { expiresAt }]) => expiresAt <= now);
      const over = [...this.#bans].filter(([, { until }]) => until <= now);
      for (const [key] of ended) this.#denials.delete(key);
      for (const [key] of over) this.#bans.delete(key);
      // What stays behind in the store counts no more and goes with the next one.
      if (ended.length + over.length > 0) await this.#store.prune(now).catch(() => undefined);
      return { denials: ended.map(([, denial]) => denial), bans: over.map(([, ban]) => ban) };
    });
  }

  #held<T>(all: ReadonlyMap<string, T>, sdkAppId: number, end: (one: T) => number): Map<string, T> {
    const prefix = `${sdkAppId} `;
    const now = this.#clock.now();
    const held = [...all].filter(([key, one]) => key.startsWith(prefix) && end(one) > now);
    const rows = held.map(([key, one]) => [key.slice(prefix.length), one] as const);
    return new Map(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #durably(write: Promise<void>): Promise<void> {
    try {
      await write;
    } catch (cause) {
      const why = cause instanceof StoreError ? ` ${cause.message}` : '';
      throw new ServiceError('internal', `Nothing was changed: the database refused it.${why}`, { cause });
    }
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(job);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
