import { type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import { replaceBits } from '@roomkey/tickets/permissions';
import { requestedRoom } from '../access/index.ts';
import type { Applications, Ban, ChangeTimer, ChangeWay, Clock, Denial, Revocation } from '../ports/index.ts';
import {
  type By,
  type Decided,
  type Journal,
  type JournalRecord,
  type Recording,
  recorded,
} from '../ports/index.ts';
import { type Restrictions, type RevokedTickets, revocationTarget } from '../restrictions/index.ts';
import type { Room, RoomHome } from '../rooms/index.ts';
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

/** Whom a change of denials concerns: everybody inside, users by name (inside or not), or everybody inside but some. */
export type OperatedUsers =
  | 'all'
  | { readonly only: readonly string[] }
  | { readonly except: readonly string[] };

/** What an operator did, told after it is durable and in force. */
export interface OperatorAction {
  readonly action: 'setDenied' | 'kick' | 'ban' | 'unban' | 'dismissRoom' | 'revoke';
  readonly actor: string;
  readonly cause: string;
  readonly sdkAppId: number;
  /** Room key text; undefined: the whole application. */
  readonly room: string | undefined;
  /** The users whom it concerned. */
  readonly userIds: readonly string[];
}

/** Longest sleep in milliseconds: a wall clock that was set is noticed after that. */
const LONGEST_SLEEP_MS = 30_000;

/** What an operator works with. */
interface OperatorParts {
  readonly applications: Applications;
  readonly restrictions: Restrictions;
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Pick<Clock, 'now'>;
  /** The rooms of a running server, and the clock that ends denials in them. Without them only what is kept can be changed. */
  readonly live?: { readonly home: RoomHome; readonly clock: Clock } | undefined;
  /** Hears of every action. Never throws. */
  readonly heard?: (action: OperatorAction) => void;
  readonly changeTimer?: ChangeTimer;
}

/**
 * What an operator can do to rooms and members. Each action is durable before it is in force, and answered when the
 * media engine has done what it closed. Its record waits for nothing, and nothing that takes waits for its record. Each rejects with a `ServiceError`: `applicationUnknown`, `roomIdIllegal`,
 * `strRoomIdIllegal`, `userIdIllegal`, `settingInvalid` for bad arguments, `internal` (nothing changed) when the store
 * refused, `methodNotFound` where a running server is needed and none is there, and those named at each.
 */
export class Operator {
  readonly #parts: OperatorParts;
  #stop: () => void = () => {};

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    this.#watch();
  }

  /** Ends the watch over what expires. Idempotent. */
  close(): void {
    this.#stop();
    this.#stop = () => {};
  }

  /**
   * Takes away or gives back single permissions in one atomic change: the bits of `mask` become as in `value`
   * (1 taken, 0 given back) for all users or, when one is refused, for none. Nobody gets more than the ticket holds.
   * What is taken stays for `seconds`; permissions of a user and room that are taken together end together, at the latest of their times.
   *
   * @throws {ServiceError} `versionConflict` (with the current version) unless `expectedVersion`, if given, is the version
   * of each user's denial (0: none), or by user id those of some; `roomUnknown` when everybody inside is meant and there is no room;
   * `journalUnavailable` when it is done, and what it gives back waits for its record
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
    const { restrictions, clock } = this.#parts;
    const masks = new Map<string, number>();

    const after = (userId: string, now: number): Denial | undefined => {
      const at = { sdkAppId, room, userId };
      const before = restrictions.denial(at);
      const version = before?.version ?? 0;
      if ((expectedOf(userId) ?? version) !== version)
        throw new ServiceError(
          'versionConflict',
          `What is denied to ${userId} has version ${version} by now; look at it and decide again.`,
          { data: { version, userId } },
        );
      const had = before?.mask ?? 0;
      masks.set(userId, had);
      const has = replaceBits(had, mask, value);
      const taken = replaceBits(0, mask, value) !== 0;
      const until = taken ? now + seconds * 1000 : 0;
      const expiresAt = had === 0 && taken ? until : Math.max(before?.expiresAt ?? 0, until);
      if (has === had && (!taken || expiresAt === before?.expiresAt)) return undefined;
      // What is still taken was taken by whom it was taken.
      const by = taken || !before ? decision : { actor: before.actor, cause: before.cause };
      const since = taken || !before ? now : before.since;
      return { ...by, ...at, since, mask: has, version: version + 1, expiresAt };
    };
    const changed = await restrictions.changeDenials(() => {
      const userIds = this.#usersOf(sdkAppId, room, users);
      const now = clock.now();
      return userIds.flatMap((userId) => after(userId, now) ?? []);
    });
    this.#watch();
    const userIds = changed.map(({ userId }) => userId);
    for (const { userId, mask: has, version, expiresAt } of changed)
      this.#record(
        'denied',
        { ...decision, sdkAppId, room, userId },
        {
          operands: { denied: [masks.get(userId) ?? 0, has] },
          details: { version, expiresAt },
        },
      );
    const given = await this.#reach([this.#room(sdkAppId, room)], userIds, decision);
    done();
    this.#told('setDenied', asked, room, userIds);
    await recorded(given);
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
    const room = this.#existing(asked.sdkAppId, key);
    const { kicked, places } = await room.mailbox.run(() => {
      const found = [...new Set(asked.userIds)].flatMap((userId) => room.find(userId) ?? []);
      if (found.length === 0) throw new ServiceError('memberUnknown');
      const was = room.mediaPlaces;
      for (const { userId } of found) this.#record('kicked', { ...at, userId });
      room.removeAll(new Map(found.map((member) => [member, { reason: 'kicked' }])));
      return { kicked: found.map(({ userId }) => userId), places: was };
    });
    await room.confirmClosed(places);
    done();
    this.#told('kick', asked, key, kicked);
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
    const ban: Ban = { sdkAppId, room, userId, until, ...decided(asked), since: now };
    await this.#parts.restrictions.setBan(ban);
    this.#record('banned', ban, { details: { until } });
    this.#watch();
    await this.#reach(room === undefined ? this.#rooms(sdkAppId) : [this.#room(sdkAppId, room)], [userId]);
    done();
    this.#told('ban', asked, room, [userId]);
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
    await this.#parts.restrictions.liftBan({ sdkAppId, room, userId });
    this.#record('unbanned', { ...decision, sdkAppId, room, userId });
    this.#told('unban', asked, room, [userId]);
  }

  /** Sends everybody out and ends the room; returns who was inside. @throws {ServiceError} `roomUnknown` */
  async dismissRoom(asked: At & By): Promise<string[]> {
    const done = this.#changing('operator');
    const key = this.#legal(asked);
    const at = { ...decided(asked), sdkAppId: asked.sdkAppId, room: key };
    const room = this.#existing(asked.sdkAppId, key);
    const { dismissed, places } = await room.mailbox.run(() => {
      const was = { dismissed: room.members.map(({ userId }) => userId), places: room.mediaPlaces };
      this.#record('dismissed', at, { details: { members: was.dismissed.length } });
      room.close({ reason: 'dismissed' });
      return was;
    });
    await room.confirmClosed(places);
    done();
    this.#told('dismissRoom', asked, key, dismissed);
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
    const of = typeof tickets === 'string' ? tickets : 'userId' in tickets ? 'user' : 'room';
    const where = { ...decided(asked), sdkAppId, room: key, userId: userIds[0] };
    this.#record('revoked', where, { details: { tickets: of, before: mark.at } });
    const rooms = key === undefined ? this.#rooms(sdkAppId) : [this.#room(sdkAppId, key)];
    await this.#reach(rooms, userIds.length > 0 ? userIds : undefined);
    done();
    this.#told('revoke', asked, key, userIds);
    return mark;
  }

  /**
   * Removes from rooms who may no longer be there, applies denials to the others, and waits for the media engine.
   * Without users it looks at everybody. Returns the records of what it gave back, made by whoever decided it.
   */
  async #reach(
    rooms: Iterable<Room | undefined>,
    userIds?: readonly string[],
    by?: Decided,
  ): Promise<Recording[]> {
    const reached = [...rooms].flatMap((room) => room ?? []);
    // All rooms first: none waits for the media of another.
    const jobs = reached.map((room) =>
      room.mailbox.run(() => {
        const places = room.mediaPlaces;
        const recordings = room.changes.restrictionsChanged(userIds, by);
        const concerned = userIds?.flatMap((userId) => room.find(userId) ?? []) ?? room.members;
        return room.confirmClosed(places, concerned).then(() => recordings);
      }),
    );
    return (await Promise.all(jobs)).flat();
  }

  /** Sleeps until the next denial or ban ends, and gives back then what it took. */
  #watch(): void {
    const { live, restrictions } = this.#parts;
    this.#stop();
    const next = restrictions.nextEnd;
    if (!live || next === undefined) return;
    const sleep = Math.min(Math.max(next - live.clock.now(), 0), LONGEST_SLEEP_MS);
    this.#stop = live.clock.after(sleep, () => void this.#expire());
  }

  async #expire(): Promise<void> {
    const done = this.#changing('expiry');
    const { denials, bans } = await this.#parts.restrictions.prune();
    this.#watch();
    for (const denial of denials.filter(({ mask }) => mask !== 0))
      this.#record(
        'expired',
        { ...denial, actor: 'system' },
        {
          operands: { denied: [denial.mask, 0] },
          details: { ended: 'denial' },
        },
      );
    for (const ban of bans)
      this.#record('expired', { ...ban, actor: 'system' }, { details: { ended: 'ban' } });
    const rooms = new Set(denials.map(({ sdkAppId, room }) => this.#room(sdkAppId, room)));
    await this.#reach(rooms);
    if (denials.length > 0) done();
  }

  #usersOf(sdkAppId: number, room: string, users: OperatedUsers): readonly string[] {
    if (users !== 'all' && 'only' in users) return [...new Set(users.only)];
    const except = new Set(users === 'all' ? [] : users.except);
    const inside = this.#existing(sdkAppId, room).members.map(({ userId }) => userId);
    return inside.filter((userId) => !except.has(userId));
  }

  /** Checks the application and the room; returns the room key text. */
  #legal(at: At): string;
  #legal(at: { readonly sdkAppId: number; readonly room?: RoomRef | undefined }): string | undefined;
  #legal({ sdkAppId, room }: { sdkAppId: number; room?: RoomRef | undefined }): string | undefined {
    if (!this.#parts.applications.find(sdkAppId)) throw new ServiceError('applicationUnknown');
    return room && roomKey(requestedRoom(room));
  }

  #room(sdkAppId: number, key: string): Room | undefined {
    return this.#parts.live?.home.find(sdkAppId, key);
  }

  #rooms(sdkAppId: number): readonly Room[] {
    return this.#parts.live?.home.existing(sdkAppId) ?? [];
  }

  #existing(sdkAppId: number, key: string): Room {
    if (!this.#parts.live) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
    const room = this.#room(sdkAppId, key);
    if (!room) throw new ServiceError('roomUnknown');
    return room;
  }

  #changing(way: ChangeWay): () => void {
    return this.#parts.changeTimer?.(way) ?? (() => {});
  }

  #record(
    kind: JournalRecord['kind'],
    at: Pick<JournalRecord, 'actor' | 'cause' | 'sdkAppId' | 'room' | 'userId'>,
    more: Pick<JournalRecord, 'operands' | 'details'> = {},
  ): void {
    const { actor, cause, sdkAppId, room, userId } = at;
    const now = this.#parts.clock.now();
    this.#parts.journal.append({ at: now, kind, sdkAppId, room, userId, actor, cause, ...more });
  }

  #told(
    action: OperatorAction['action'],
    asked: By & { readonly sdkAppId: number },
    room: string | undefined,
    userIds: readonly string[],
  ): void {
    this.#parts.heard?.({ action, ...decided(asked), sdkAppId: asked.sdkAppId, room, userIds });
  }
}

/** The users that a request names. */
const named = (users: OperatedUsers): readonly string[] =>
  users === 'all' ? [] : 'only' in users ? users.only : users.except;
