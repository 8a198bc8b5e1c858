/** By whom, why and since when something is so. */
interface Decision {
  readonly actor: string;
  /** A short reason. */
  readonly cause: string;
  /** Unix milliseconds. */
  readonly since: number;
}

/** The permissions that an operator took from a user in a room, inside or not. */
export interface Denial extends Decision {
  readonly sdkAppId: number;
  /** Room key text. */
  readonly room: string;
  readonly userId: string;
  /** The permissions taken; 0 once all were given back. */
  readonly mask: number;
  /** Rises with every change, from 1. */
  readonly version: number;
  /** Unix milliseconds; from then on it is as if it had never been. */
  readonly expiresAt: number;
}

/** A user who may not be in a room, or in any of the application, for some time. */
export interface Ban extends Decision {
  readonly sdkAppId: number;
  /** Room key text; undefined: every room of the application. */
  readonly room: string | undefined;
  readonly userId: string;
  /** Unix milliseconds. */
  readonly until: number;
}

/** Tickets of a user, for a room or of the whole application that were signed up to a second are void. */
export interface Revocation extends Decision {
  readonly sdkAppId: number;
  /** `a` the application, `u:` with a user id, `r:` with a room key text. */
  readonly target: string;
  /** The last second (unix) of a void ticket's `TLS.time`. */
  readonly at: number;
}

/** Everything that operators have taken away. */
export interface StoredRestrictions {
  readonly denials: readonly Denial[];
  readonly bans: readonly Ban[];
  readonly revocations: readonly Revocation[];
}

/**
 * Where denials, bans and revocations outlive the process. Every change is durable when its promise resolves and
 * has not happened at all when it rejects, which it does with a `StoreError`. One caller writes at a time.
 */
export interface RestrictionStore {
  load(): Promise<StoredRestrictions>;
  /** Keeps all of them or none; each replaces the one of the same application, room and user. */
  saveDenials(denials: readonly Denial[]): Promise<void>;
  /** Replaces the ban of the same application, room (or none) and user. */
  saveBan(ban: Ban): Promise<void>;
  /** Forgets a ban, if it is there. */
  forgetBan(ban: Pick<Ban, 'sdkAppId' | 'room' | 'userId'>): Promise<void>;
  /** Replaces the revocation of the same target. */
  saveRevocation(revocation: Revocation): Promise<void>;
  /** Forgets the denials and bans that end at or before a time, unix milliseconds. */
  prune(now: number): Promise<void>;
}
