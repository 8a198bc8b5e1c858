import type { Decision } from './decision.ts';
import type { NamedRecord } from './journal.ts';

/** The permissions that an operator took from a user in a room, inside or not. */
export interface Denial extends Decision {
  readonly sdkAppId: number;
  /** Room key text. */
  readonly room: string;
  readonly userId: string;
  /** The permissions taken; 0 once all were given back. */
  readonly mask: number;
  /** Rises with every change, and never falls: a new one begins above those that were deleted. */
  readonly version: number;
  /** Unix milliseconds; from then on it takes nothing. It is kept for some time. */
  readonly expiresAt: number;
}

/** A user who may not be in a room, or in any of the application, for some time. */
export interface Ban extends Decision {
  readonly sdkAppId: number;
  /** Room key text; undefined: every room of the application. */
  readonly room: string | undefined;
  readonly userId: string;
  /** Unix milliseconds; from then on it bans nobody. It is kept for some time. */
  readonly until: number;
  /** Rises with every change, and never falls: a new one begins above those that were deleted. */
  readonly version: number;
}

/** Says that some tickets do not count: those of a user, for a room or of the whole application that were signed up to a second. */
export interface Revocation extends Decision {
  readonly sdkAppId: number;
  /** `a` the application, `u:` with a user id, `r:` with a room key text. */
  readonly target: string;
  /** The last second (unix) of a revoked ticket's `TLS.time`. */
  readonly at: number;
  /** Rises by one with every change, from 1. */
  readonly version: number;
}

/** Whom a denial or a ban concerns, and where; without a room: in every room of the application. */
export type RestrictedUser = Pick<Ban, 'sdkAppId' | 'room' | 'userId'>;

/** A change of what is kept: `after` takes the place of `before`, or is new where nothing is kept. */
export interface Replacement<T> {
  readonly before: { readonly version: number } | undefined;
  readonly after: T;
}

/** The highest version of the denials and bans of an application that were deleted. */
export interface VersionFloor {
  readonly sdkAppId: number;
  readonly version: number;
}

/** Everything that operators have taken away. */
export interface StoredRestrictions {
  readonly denials: readonly Denial[];
  readonly bans: readonly Ban[];
  readonly revocations: readonly Revocation[];
  /** Of the applications of which something was deleted. */
  readonly floors: readonly VersionFloor[];
}

/**
 * Where denials, bans and revocations outlive the process. Several processes may use one store.
 *
 * What is saved replaces the kept one of the same application, room and user, or of the same application and target. It is
 * saved only if the kept one has the version that it replaces, and its own version is one more. What is new is saved only if none
 * is kept. A new denial or ban has a version above those of the application that were deleted (its *floor*), so that nothing that
 * was decided on an earlier one fits it; a new revocation has version 1, for none is ever deleted. Otherwise the change rejects
 * with the fault `conflict`. Every change is durable when its promise resolves, and has not happened at all when it rejects, which
 * it does with a `StoreError`. The `records` of a change are kept in one step with it, until they are in the journal: if the
 * process ends before that, the next start brings them there.
 */
export interface RestrictionStore {
  load(): Promise<StoredRestrictions>;
  /**
   * The same without the floors, in pieces, so that nobody else waits for all of it. What changes meanwhile is as it was before or as
   * it is after that; it may come twice, the newer one last, or be missing if it is new.
   */
  loadInPieces(): AsyncIterable<Omit<StoredRestrictions, 'floors'>>;
  /** The denials of one room (a room key text) as they are kept now. */
  readDenials(sdkAppId: number, room: string): Promise<readonly Denial[]>;
  /** The ban of exactly this room, or with `undefined` of the application, as it is kept now. */
  readBan(at: RestrictedUser): Promise<Ban | undefined>;
  /** The revocation of one target as it is kept now. */
  readRevocation(sdkAppId: number, target: string): Promise<Revocation | undefined>;
  /** The floor of an application as it is kept now; 0: nothing was deleted. */
  readFloor(sdkAppId: number): Promise<number>;
  /** Saves all of them or none. */
  saveDenials(changes: readonly Replacement<Denial>[], records: readonly NamedRecord[]): Promise<void>;
  saveBan(change: Replacement<Ban>, records: readonly NamedRecord[]): Promise<void>;
  /** Forgets a ban. Rejects with the fault `conflict` unless it is kept in this version. */
  forgetBan(ban: RestrictedUser & Pick<Ban, 'version'>, records: readonly NamedRecord[]): Promise<void>;
  saveRevocation(revocation: Revocation, records: readonly NamedRecord[]): Promise<void>;
  /** Forgets the denials and bans that end at or before a time, unix milliseconds. */
  prune(now: number, records: readonly NamedRecord[]): Promise<void>;
}
