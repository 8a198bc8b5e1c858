import type { ErrorName, RemovalWire } from '@roomkey/protocol';
import type { Actor, PermissionName, Role, Scene, Slot } from '@roomkey/tickets/permissions';
import type { Decided } from './decision.ts';

/** Why a member is no longer inside, as the others are told. */
export type LeaveReason = 'exit' | 'timeout' | 'replaced' | 'removed';

/** One stay of a user in a room: who enters again has another `memberId`. */
export interface Stay {
  readonly userId: string;
  readonly memberId: string;
}

/** What happens in a room. */
export type RoomHappening =
  | { readonly kind: 'roomCreated' }
  /** Comes after everybody has left. Requests of those who were inside may still be refused. */
  | { readonly kind: 'roomEnded' }
  | MemberEntered
  /** Comes when the media of the member is closed: where many leave together, a part of them at a time. */
  | MemberLeft
  /** A member has taken up its seat with another connection. */
  | ({ readonly kind: 'memberResumed' } & Stay)
  | ({ readonly kind: 'roleChanged'; readonly before: Role; readonly after: Role } & Stay)
  | PermissionsChanged
  /** Others may receive a track for the first time. While its media is lost and it may come back, it stays open. */
  | ({ readonly kind: 'trackOpened' } & TrackOf)
  | TrackClosed
  /** A request of a member was refused; `observed`: it was not, and would have been under `enforce`. */
  | ({ readonly kind: 'refused'; readonly cause: ErrorName; readonly observed: boolean } & Stay)
  | Lacking;

interface MemberEntered extends Stay {
  readonly kind: 'memberEntered';
  readonly scene: Scene;
  readonly role: Role;
  /** The permission byte in force. */
  readonly permissions: number;
}

interface MemberLeft extends Stay {
  readonly kind: 'memberLeft';
  readonly reason: LeaveReason;
  /** What the member is told; undefined when it asked for it or has no connection. */
  readonly removal: RemovalWire | undefined;
}

/**
 * What decides about the permissions of a member has changed. Where many change together, a part of them is told at a time:
 * a member's leaving may come before an earlier change of its permissions.
 */
interface PermissionsChanged extends Stay, Decided {
  readonly kind: 'permissionsChanged';
  /** The permission bytes in force before and after. They can be the same: what is behind them has changed then. */
  readonly before: number;
  readonly after: number;
}

interface TrackOf extends Stay {
  readonly trackId: string;
  readonly slot: Slot;
}

interface TrackClosed extends TrackOf {
  readonly kind: 'trackClosed';
  /** Why it was closed against its publisher's will; undefined: it was not. */
  readonly cause: ErrorName | undefined;
}

/** Where keys are only observed: a key was taken that does not hold permissions which its member has all the same. */
interface Lacking extends Stay {
  readonly kind: 'lacking';
  readonly permissions: readonly PermissionName[];
}

/** Where and when something happened in a room. */
interface InRoom {
  readonly sdkAppId: number;
  /** Room key text. */
  readonly room: string;
  /** This life of the room: one that ended and is created again has another. */
  readonly lifeId: string;
  /** Rises by one with each event of this life, from 1. */
  readonly number: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/** One thing that happened in a room. */
export type RoomEvent = InRoom & RoomHappening;

/** Somebody who is in no room was refused an entry, or a seat to resume. What it said of itself is not proven. */
interface EntryRefused {
  readonly kind: 'refused';
  readonly cause: ErrorName;
  readonly observed: false;
  readonly sdkAppId: number;
  /** Unix milliseconds. */
  readonly at: number;
}

/**
 * What an operator did, told after it is durable and in force. It has no number: the room need not exist, and its home can
 * be another process.
 */
export interface OperatorAction extends Decided {
  readonly kind: 'operatorAction';
  readonly action: 'setDenied' | 'kick' | 'ban' | 'unban' | 'dismissRoom' | 'revoke';
  readonly sdkAppId: number;
  /** Room key text; undefined: the whole application. */
  readonly room: string | undefined;
  /** The users whom it concerned. */
  readonly userIds: readonly string[];
  /** Unix milliseconds. */
  readonly at: number;
}

/** An operator has changed an application, told after it is durable and in force. It has no number, like an `OperatorAction`. */
export interface ApplicationChanged {
  readonly kind: 'applicationChanged';
  /** Who made it, as the journal names them. */
  readonly actor: Actor;
  /** What an operator did; `reload`: another process has changed the application, which was noticed just now. */
  readonly action:
    | 'create'
    | 'set'
    | 'addKey'
    | 'setKeyState'
    | 'setRoomControl'
    | 'clearRoomControl'
    | 'reload';
  readonly sdkAppId: number;
  /** What it was changed to. */
  readonly to: Readonly<Record<string, string | number>>;
  /** Room key text; undefined: the whole application. */
  readonly room: string | undefined;
  /** Unix milliseconds. */
  readonly at: number;
}

/** One thing that happened. Nothing in it is a secret. */
export type CoreEvent = RoomEvent | EntryRefused | OperatorAction | ApplicationChanged;

/**
 * Hears what happened, after it happened and in that order. It returns soon, because a room waits for it; what takes time it
 * does later. Nothing depends on it: what must be on record before something is granted goes to the journal.
 */
export type EventListener = (event: CoreEvent) => void;
