import { nothingTaken, type Operand } from '@roomkey/tickets/permissions';
import { CautiousTime } from '../cautious-time.ts';
import { ChangeQueue } from '../change-queue.ts';
import { ChangeRecorder, type Recorded } from '../change-recorder.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import type {
  Ban,
  Clock,
  Decided,
  Denial,
  Journal,
  Recording,
  RestrictedUser,
  RestrictionReader,
  RestrictionStore,
  Revocation,
  StoredRestrictions,
  Whereabouts,
} from '../ports/index.ts';
import { Bans } from './bans.ts';
import { Denials } from './denials.ts';
import type { Reloaded } from './restriction-context.ts';
import { endedRecords } from './restriction-records.ts';
import { Revocations } from './revocations.ts';
import { VersionFloors } from './version-floors.ts';

/** How long what has ended is kept, in milliseconds. */
const KEPT_MS = 86_400_000;

/**
 * What operators have taken away: the newest state in memory for the rooms, kept in a store. A change is durable
 * before it is in force; changes take effect one after another. A change that another process has overtaken is decided again on
 * what the store holds by then. A change that the store refuses rejects with `internal`, and nothing has changed then. Every
 * change is on record. One that gives something back resolves with the records that have to be on disk before it is answered; it
 * rejects with `journalUnavailable`, and nothing has changed, when they cannot wait for the disk.
 */
export class Restrictions implements RestrictionReader {
  readonly #store: RestrictionStore;
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly #cautious: CautiousTime;
  readonly #recorder: ChangeRecorder;
  readonly #queue = new ChangeQueue();
  readonly #denials: Denials;
  readonly #bans: Bans;
  readonly #revocations: Revocations;
  #hear: (what: Reloaded) => void = () => {};

  /**
   * Begins with what the store holds now; `open` reads it. `knownTime`: a time that was before this process began, unix milliseconds.
   * Default: when the newest restriction was made. `share` says how much of a change of many is done in one turn of the event loop.
   */
  constructor(
    store: RestrictionStore,
    clock: Pick<Clock, 'now' | 'elapsed'>,
    journal: Journal,
    stored: StoredRestrictions,
    knownTime: number | undefined = newest(stored),
    share: EventLoopShare = new EventLoopShare(),
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#cautious = new CautiousTime(clock, knownTime);
    this.#recorder = new ChangeRecorder(journal, share);
    const floors = new VersionFloors(stored.floors);
    const reloaded = (what: Reloaded) => this.#hear(what);
    const [recorder, queue] = [this.#recorder, this.#queue];
    const context = { store, clock, floors, recorder, queue, reloaded, share };
    this.#denials = new Denials(context, stored.denials);
    this.#bans = new Bans(context, stored.bans);
    this.#revocations = new Revocations(context, stored.revocations);
  }

  /** Reads the store once. @throws {StoreError} when it cannot be read */
  static async open(
    store: RestrictionStore,
    clock: Pick<Clock, 'now' | 'elapsed'>,
    journal: Journal,
    knownTime?: number,
    share?: EventLoopShare,
  ): Promise<Restrictions> {
    return new Restrictions(store, clock, journal, await store.load(), knownTime, share);
  }

  /**
   * Calls `hear`, which never throws, when restrictions were found changed by another process. They are in force then. It takes the
   * place of the listener before.
   */
  onReload(hear: (what: Reloaded) => void): void {
    this.#hear = hear;
  }

  denied(at: Whereabouts): Operand {
    const denial = this.denial(at);
    if (!denial || denial.mask === 0) return nothingTaken(denial?.since ?? this.#clock.now());
    const { mask: bits, cause, actor, since } = denial;
    return { bits, cause, actor, since };
  }

  /** The denial of a user in a room that has not expired. */
  denial(at: Whereabouts): Denial | undefined {
    return this.#denials.find(at);
  }

  /**
   * The version of what is denied to a user. It rises with every change and never falls. Where no denial is kept it is the highest
   * of those of the application that were deleted; 0: none was.
   */
  denialVersion(at: Whereabouts): number {
    return this.#denials.version(at);
  }

  isBanned(at: Whereabouts): boolean {
    return this.#bans.has(at);
  }

  /** The ban of exactly this room, or with `undefined` of the whole application, that has not ended. */
  ban(at: RestrictedUser): Ban | undefined {
    return this.#bans.find(at);
  }

  revoked(ticket: Parameters<RestrictionReader['revoked']>[0]): 'revoked' | 'early' | undefined {
    return this.#revocations.verdict(ticket);
  }

  /** The revocation of one target. */
  revocation(sdkAppId: number, target: string): Revocation | undefined {
    return this.#revocations.find(sdkAppId, target);
  }

  /** The denials of an application that take something now, in the order of users and rooms, behind one of these. */
  denials(sdkAppId: number, after = ''): Iterable<readonly [string, Denial]> {
    return this.#denials.behind(sdkAppId, after);
  }

  /** The bans of an application that have not ended, in the order of users and rooms, behind one of these. */
  bans(sdkAppId: number, after = ''): Iterable<readonly [string, Ban]> {
    return this.#bans.behind(sdkAppId, after);
  }

  /** The revocations of an application in the order of their targets, behind one of these. */
  revocations(sdkAppId: number, after = ''): Iterable<readonly [string, Revocation]> {
    return this.#revocations.behind(sdkAppId, after);
  }

  /**
   * Changes denials. `decide` says what they become, each one version further than {@link denialVersion}. It runs when
   * everything asked before is in force, and again when another process was faster. What it throws changes nothing. `by` is who
   * changes them: of what is given back a denial does not say it.
   */
  changeDenials(
    decide: () => readonly Denial[] | Promise<readonly Denial[]>,
    by: Decided,
  ): Promise<Recorded<readonly Denial[]>> {
    return this.#denials.change(decide, by);
  }

  /** Bans a user. An earlier ban of the same user and room is replaced. */
  setBan(ban: Omit<Ban, 'version'>): Promise<Recorded<Ban>> {
    return this.#bans.set(ban);
  }

  /** @throws {ServiceError} `banUnknown` */
  liftBan(at: RestrictedUser, by: Decided): Promise<readonly Recording[]> {
    return this.#bans.lift(at, by);
  }

  /** Revokes tickets up to a second. A revocation that reaches further already keeps its second. */
  raise(asked: Omit<Revocation, 'version'>): Promise<Revocation> {
    return this.#revocations.raise(asked);
  }

  /** When the next denial or ban ends, unix milliseconds; undefined: there is none. */
  get nextEnd(): number | undefined {
    const next = [this.#denials.nextEnd, this.#bans.nextEnd].filter((end) => end !== undefined);
    return next.length > 0 ? Math.min(...next) : undefined;
  }

  /** Whether something has ended that is not forgotten. */
  get hasOver(): boolean {
    return this.#denials.hasOver || this.#bans.hasOver;
  }

  /**
   * Returns what has ended since this was called before, and what holds again because the wall clock was set back. What ended a day
   * ago is forgotten, and on record; nothing is while the wall clock is not believed ({@link CautiousTime}).
   */
  prune(): Promise<{ readonly denials: readonly Denial[]; readonly bans: readonly Ban[] }> {
    const decide = async () => {
      const now = this.#clock.now();
      const turned = { denials: this.#denials.turned(now), bans: this.#bans.turned(now) };
      const believed = this.#cautious.now();
      if (believed === undefined) return turned;
      const over = believed - KEPT_MS;
      const ended = { denials: this.#denials.ended(over), bans: this.#bans.ended(over) };
      if (ended.denials.length + ended.bans.length === 0) return turned;
      try {
        await this.#recorder.make({
          records: endedRecords(ended, now),
          gives: 'nothing',
          save: (named) => this.#store.prune(over, named),
        });
        await this.#denials.forget(ended.denials);
        await this.#bans.forget(ended.bans);
      } catch {
        // They stay, here and in the store, and go with the next one.
      }
      return turned;
    };
    return this.#queue.run({ decide, reload: async () => {} });
  }
}

/** When the newest of them was made; undefined: there are none. */
function newest({ denials, bans, revocations }: StoredRestrictions): number | undefined {
  const made = [...denials, ...bans, ...revocations].map(({ since }) => since);
  return made.length > 0 ? made.reduce((one, other) => Math.max(one, other)) : undefined;
}
