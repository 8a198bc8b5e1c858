import { type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import { ChangeRecorder, onRecord } from '../change-recorder.ts';
import { EventLoopShare } from '../event-loop-share.ts';
import type {
  Applications,
  Ban,
  By,
  ChangeTimer,
  ChangeWay,
  Clock,
  Denial,
  EventListener,
  Journal,
  JournalRecord,
  NamedRecord,
  OperatorAction,
  Revocation,
  RoomControl,
} from '../ports/index.ts';
import { type Restrictions, type RevokedTickets, revocationTarget } from '../restrictions/index.ts';
import { DenialChange, type OperatedUsers } from './denial-change.ts';
import { RestrictionExpiry } from './restriction-expiry.ts';
import {
  checkByte,
  checkUser,
  decided,
  type ExpectedVersion,
  expectedVersions,
  revocationSecond,
  secondsAhead,
} from './rules.ts';

/** One room of an application. */
export interface At {
  readonly sdkAppId: number;
  readonly room: RoomRef;
}

/** What an operator works with. */
interface OperatorParts {
  readonly applications: Applications;
  readonly restrictions: Restrictions;
  readonly journal: Journal;
  readonly clock: Clock;
  /** The rooms of a running server. Without them only what is kept can be changed. */
  readonly rooms?: RoomControl | undefined;
  /** Hears of every action. Never throws. */
  readonly heard?: EventListener;
  readonly changeTimer?: ChangeTimer;
  /** How much of an action that concerns many is done in one turn of the event loop. */
  readonly share?: EventLoopShare;
  /** Something was thrown that should not have been, where nobody waits for an answer. */
  readonly fault?: (error: unknown) => void;
}

/**
 * What an operator can do to rooms and members. Each action is durable before it is in force, and answered when the
 * media engine has done what it closed. It is on record if it is done, even if the process is killed: what it changes in the store
 * is saved in one step with its record. What gives is answered when its record is in the journal; what takes waits for no record.
 * Each rejects with a `ServiceError`: `applicationUnknown`, `roomIdIllegal`, `strRoomIdIllegal`, `userIdIllegal`, `settingInvalid`
 * for bad arguments, `internal` (nothing changed) when the store refused, `methodNotFound` where a running server is needed and
 * none is there, `journalUnavailable` when no record can be kept (the message says whether it is done), and those named at each.
 */
export class Operator {
  readonly #parts: OperatorParts;
  readonly #expiry: RestrictionExpiry;
  readonly #recorder: ChangeRecorder;
  readonly #share: EventLoopShare;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    const { restrictions, journal, clock, rooms, fault = () => {} } = parts;
    this.#share = parts.share ?? new EventLoopShare();
    this.#recorder = new ChangeRecorder(journal, this.#share);
    const timed = () => this.#changing('expiry');
    this.#expiry = new RestrictionExpiry({ restrictions, clock, rooms, timed, fault });
    restrictions.onReload(({ sdkAppId, room, userIds }) => {
      this.#expiry.watch();
      rooms?.apply({ sdkAppId, room }, userIds).catch(fault);
    });
  }

  /** Ends the watch over what expires. Idempotent. */
  close(): void {
    this.#expiry.close();
  }

  /**
   * Takes away or gives back single permissions in one atomic change: the bits of `mask` become as in `value`
   * (1 taken, 0 given back) for all users or, when one is refused, for none. Nobody gets more than the ticket holds.
   * What is taken stays for `seconds`; permissions of a user and room that are taken together end together, at the latest of their times.
   *
   * @throws {ServiceError} `versionConflict` (with the current version) unless `expectedVersion`, if given, is the version
   * of what is denied to each user ({@link Restrictions.denialVersion}), or by user id those of some; `roomUnknown` when everybody inside is meant and there is no room
   */
  async setDenied(
    asked: At &
      By & {
        readonly users: OperatedUsers;
        readonly mask: number;
        readonly value: number;
        readonly expectedVersion?: ExpectedVersion | undefined;
        readonly seconds?: number | undefined;
      },
  ): Promise<Denial[]> {
    const done = this.#changing('operator');
    const { sdkAppId, users, mask, value, expectedVersion } = asked;
    const room = this.#legal(asked);
    const decision = decided(asked);
    checkByte('mask', mask, 1);
    checkByte('value', value, 0);
    const seconds = secondsAhead(asked.seconds);
    for (const userId of named(users)) checkUser(userId);
    const only = users !== 'all' && 'only' in users ? users.only : undefined;
    const expectedOf = expectedVersions(expectedVersion, only);
    const { restrictions, clock, rooms } = this.#parts;
    const at = { sdkAppId, room };
    const change = new DenialChange({ ...at, mask, value, seconds, decision, expectedOf }, restrictions);
    const { result: changed, recordings } = await restrictions.changeDenials(
      async () => change.decide(await this.#usersOf(at, users), clock.now(), this.#share),
      decision,
    );
    this.#expiry.watch();
    const userIds = changed.map(({ userId }) => userId);
    try {
      await rooms?.apply(at, userIds, decision);
      await onRecord(recordings);
    } finally {
      done();
      this.#told('setDenied', asked, room, userIds);
    }
    return [...changed];
  }

  /**
   * Removes members from a room; they may come back. Returns who was inside.
   *
   * @throws {ServiceError} `roomUnknown`, `memberUnknown` when none of them is inside
   */
  async kick(asked: At & By & { readonly userIds: readonly string[] }): Promise<string[]> {
    const done = this.#changing('operator');
    const key = this.#legal(asked);
    const at = { ...decided(asked), sdkAppId: asked.sdkAppId, room: key };
    for (const userId of asked.userIds) checkUser(userId);
    const records: NamedRecord[] = [];
    const kicked = await this.#running().kick(
      { sdkAppId: asked.sdkAppId, room: key },
      asked.userIds,
      (userId) => void records.push(this.#record('kicked', { ...at, userId })),
    );
    done();
    this.#told('kick', asked, key, kicked);
    await this.#recorder.secured(records);
    return kicked;
  }

  /** Removes a user from a room, or from all of the application, and lets it in no more for `seconds`. Replaces an earlier ban. */
  async ban(
    asked: Omit<At, 'room'> &
      By & {
        readonly room?: RoomRef | undefined;
        readonly userId: string;
        readonly seconds?: number | undefined;
      },
  ): Promise<Ban> {
    const done = this.#changing('operator');
    const { sdkAppId, userId } = asked;
    const room = this.#legal(asked);
    checkUser(userId);
    const now = this.#parts.clock.now();
    const until = now + secondsAhead(asked.seconds) * 1000;
    const wanted = { sdkAppId, room, userId, until, ...decided(asked), since: now };
    const { result: ban, recordings } = await this.#parts.restrictions.setBan(wanted);
    this.#expiry.watch();
    await this.#parts.rooms?.apply({ sdkAppId, room }, [userId]);
    done();
    this.#told('ban', asked, room, [userId]);
    await onRecord(recordings);
    return ban;
  }

  /** Lifts a ban of exactly this room, or of the application. @throws {ServiceError} `banUnknown` */
  async unban(
    asked: Omit<At, 'room'> & By & { readonly room?: RoomRef | undefined; readonly userId: string },
  ): Promise<void> {
    const { sdkAppId, userId } = asked;
    const room = this.#legal(asked);
    checkUser(userId);
    const decision = decided(asked);
    const recordings = await this.#parts.restrictions.liftBan({ sdkAppId, room, userId }, decision);
    this.#told('unban', asked, room, [userId]);
    await onRecord(recordings);
  }

  /** Sends everybody out and ends the room; returns who was inside. @throws {ServiceError} `roomUnknown` */
  async dismissRoom(asked: At & By): Promise<string[]> {
    const done = this.#changing('operator');
    const key = this.#legal(asked);
    const at = { ...decided(asked), sdkAppId: asked.sdkAppId, room: key };
    const records: NamedRecord[] = [];
    const dismissed = await this.#running().dismiss(
      { sdkAppId: asked.sdkAppId, room: key },
      ({ length }) => void records.push(this.#record('dismissed', at, { details: { members: length } })),
    );
    done();
    this.#told('dismissRoom', asked, key, dismissed);
    await this.#recorder.secured(records);
    return dismissed;
  }

  /**
   * Voids every ticket that was signed up to the second `before` (unix; default: now), and removes members who are
   * inside with one. An earlier revocation that reaches further stays as it is.
   */
  async revoke(
    asked: By & {
      readonly sdkAppId: number;
      readonly tickets: RevokedTickets;
      readonly before?: number | undefined;
    },
  ): Promise<Revocation> {
    const done = this.#changing('revocation');
    const { sdkAppId, tickets } = asked;
    const room = typeof tickets === 'object' && 'room' in tickets ? tickets.room : undefined;
    const key = this.#legal({ sdkAppId, room });
    const userIds = typeof tickets === 'object' && 'userId' in tickets ? [tickets.userId] : [];
    userIds.forEach(checkUser);
    const since = this.#parts.clock.now();
    const at = revocationSecond(asked.before, since);
    const target = revocationTarget(tickets);
    const mark = await this.#parts.restrictions.raise({ sdkAppId, target, at, ...decided(asked), since });
    await this.#parts.rooms?.apply({ sdkAppId, room: key }, userIds.length > 0 ? userIds : undefined);
    done();
    this.#told('revoke', asked, key, userIds);
    return mark;
  }

  async #usersOf(at: { sdkAppId: number; room: string }, users: OperatedUsers): Promise<readonly string[]> {
    if (users !== 'all' && 'only' in users) return [...new Set(users.only)];
    const except = new Set(users === 'all' ? [] : users.except);
    const inside = await this.#running().inside(at);
    return inside.filter((userId) => !except.has(userId));
  }

  /** Checks the application and the room; returns the room key text. */
  #legal(at: At): string;
  #legal(at: { readonly sdkAppId: number; readonly room?: RoomRef | undefined }): string | undefined;
  #legal({ sdkAppId, room }: { sdkAppId: number; room?: RoomRef | undefined }): string | undefined {
    if (!this.#parts.applications.find(sdkAppId)) throw new ServiceError('applicationUnknown');
    return room && roomKey(requestedRoom(room));
  }

  #running(): RoomControl {
    if (!this.#parts.rooms) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
    return this.#parts.rooms;
  }

  #changing(way: ChangeWay): () => void {
    return this.#parts.changeTimer?.(way) ?? (() => {});
  }

  #record(
    kind: JournalRecord['kind'],
    at: Pick<JournalRecord, 'actor' | 'cause' | 'sdkAppId' | 'room' | 'userId'>,
    more: Pick<JournalRecord, 'details'> = {},
  ): NamedRecord {
    const { actor, cause, sdkAppId, room, userId } = at;
    const now = this.#parts.clock.now();
    return this.#recorder.tell({ at: now, kind, sdkAppId, room, userId, actor, cause, ...more });
  }

  #told(
    action: OperatorAction['action'],
    asked: By & { readonly sdkAppId: number },
    room: string | undefined,
    userIds: readonly string[],
  ): void {
    const { heard, clock } = this.#parts;
    const { sdkAppId } = asked;
    heard?.({ kind: 'operatorAction', action, ...decided(asked), sdkAppId, room, userIds, at: clock.now() });
  }
}

/** The users that a request names. */
const named = (users: OperatedUsers): readonly string[] =>
  users === 'all' ? [] : 'only' in users ? users.only : users.except;
