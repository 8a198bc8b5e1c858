import {
  type AdminParams,
  type AdminResult,
  type RoomRef,
  roomKey,
  roomRef,
  ServiceError,
} from '@roomkey/protocol';
import { explain, type PermissionName } from '@roomkey/tickets/permissions';
import { observedEffective, observedMissing, requestedRoom } from '../access/index.ts';
import type { Applications, Ban, Denial, Revocation } from '../ports/index.ts';
import { type Restrictions, revokedTickets } from '../restrictions/index.ts';
import type { Member, Room, RoomHome } from '../rooms/index.ts';
import { checkUser } from './rules.ts';

/** A page begins behind `after`, the `next` of the page before. */
interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

type RoomView = AdminResult<'room.list'>['rooms'][number];
type MemberView = AdminResult<'room.show'>['members'][number];
type DenialView = AdminResult<'member.listDenials'>['denials'][number];
type BanView = AdminResult<'member.listBans'>['bans'][number];
type RevocationView = AdminResult<'tickets.listRevocations'>['revocations'][number];

/** A denial as operators see it. */
export const denialView = ({ sdkAppId, room, ...rest }: Denial): DenialView => ({
  ...rest,
  room: roomRef(room),
});

/** A ban as operators see it. */
export const banView = ({ sdkAppId, room, ...rest }: Ban): BanView =>
  room === undefined ? rest : { ...rest, room: roomRef(room) };

/** A revocation as operators see it. */
export const revocationView = ({ target, at, actor, cause, since }: Revocation): RevocationView => ({
  tickets: revokedTickets(target),
  before: at,
  actor,
  cause,
  since,
});

/** What an operator can look at; what only a running server knows is refused with `methodNotFound` where there is none. */
export class OperatorLists {
  readonly #applications: Applications;
  readonly #restrictions: Restrictions;
  readonly #home: RoomHome | undefined;

  constructor(applications: Applications, restrictions: Restrictions, home?: RoomHome) {
    this.#applications = applications;
    this.#restrictions = restrictions;
    this.#home = home;
  }

  /** The rooms that exist, of one application or of all. @throws {ServiceError} `applicationUnknown`, `methodNotFound` */
  rooms({ sdkAppId, ...page }: Page & { readonly sdkAppId?: number | undefined }): AdminResult<'room.list'> {
    if (sdkAppId !== undefined) this.#known(sdkAppId);
    const rooms = this.#running().existing(sdkAppId);
    const { rows, next } = pageOf(new Map(rooms.map((room) => [room.name, room])), page);
    return { rooms: rows.map(roomView), ...next };
  }

  /** One room and a page of its members, by user id. @throws {ServiceError} `applicationUnknown`, `roomUnknown`, `methodNotFound` */
  room({
    sdkAppId,
    room: ref,
    ...page
  }: Page & { readonly sdkAppId: number; readonly room: RoomRef }): AdminResult<'room.show'> {
    this.#known(sdkAppId);
    const key = roomKey(requestedRoom(ref));
    const room = this.#running().find(sdkAppId, key);
    if (!room) throw new ServiceError('roomUnknown');
    const { rows, next } = pageOf(new Map(room.members.map((member) => [member.userId, member])), page);
    const version = (userId: string) => this.#restrictions.denial({ sdkAppId, room: key, userId })?.version;
    const members = rows.map((member) => memberView(member, version(member.userId) ?? 0));
    return { room: roomView(room), members, ...next };
  }

  /**
   * One user in one room: what it may do and why, if it is inside, and what operators took from it.
   *
   * @throws {ServiceError} `applicationUnknown`, `userIdIllegal`, `memberUnknown` when there is nothing to show
   */
  member({ sdkAppId, room: ref, userId }: AdminParams<'member.show'>): AdminResult<'member.show'> {
    this.#known(sdkAppId);
    checkUser(userId);
    const room = roomKey(requestedRoom(ref));
    const at = { sdkAppId, room, userId };
    const denial = this.#restrictions.denial(at);
    const bans = [this.#restrictions.ban(at), this.#restrictions.ban({ ...at, room: undefined })];
    const held = bans.flatMap((ban) => (ban ? [banView(ban)] : []));
    const inside = this.#home?.find(sdkAppId, room)?.find(userId);
    if (!inside && !denial && held.length === 0) throw new ServiceError('memberUnknown');
    return {
      ...(inside && { member: memberView(inside, denial?.version ?? 0) }),
      ...(denial && { denial: denialView(denial) }),
      bans: held,
    };
  }

  /** How `enforce` would have the members of an application whose keys are only observed; undefined when there are none. */
  observed(sdkAppId: number): AdminResult<'app.show'>['observed'] {
    const members = (this.#home?.existing(sdkAppId) ?? [])
      .flatMap((room) => room.members)
      .filter(({ key }) => key.observed);
    if (members.length === 0) return undefined;
    const refused: Record<string, number> = {};
    const lacking: Partial<Record<PermissionName, number>> = {};
    for (const member of members) {
      const { refusal } = member.key.observed ?? {};
      if (refusal) refused[refusal] = (refused[refusal] ?? 0) + 1;
      for (const permission of observedMissing(member)) lacking[permission] = (lacking[permission] ?? 0) + 1;
    }
    return { members: members.length, refused, lacking };
  }

  /** The denials of an application that hold. @throws {ServiceError} `applicationUnknown` */
  denials({ sdkAppId, ...page }: Page & { readonly sdkAppId: number }): AdminResult<'member.listDenials'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.denials(sdkAppId), page);
    return { denials: rows.map(denialView), ...next };
  }

  /** The bans of an application that hold. @throws {ServiceError} `applicationUnknown` */
  bans({ sdkAppId, ...page }: Page & { readonly sdkAppId: number }): AdminResult<'member.listBans'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.bans(sdkAppId), page);
    return { bans: rows.map(banView), ...next };
  }

  /** The revocations of an application. @throws {ServiceError} `applicationUnknown` */
  revocations({
    sdkAppId,
    ...page
  }: Page & { readonly sdkAppId: number }): AdminResult<'tickets.listRevocations'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.revocations(sdkAppId), page);
    return { revocations: rows.map(revocationView), ...next };
  }

  #known(sdkAppId: number): void {
    if (!this.#applications.find(sdkAppId)) throw new ServiceError('applicationUnknown');
  }

  #running(): RoomHome {
    if (!this.#home) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
    return this.#home;
  }
}

function roomView({ sdkAppId, ref, members }: Room): RoomView {
  const tracks = members.reduce((sum, member) => sum + member.tracks.size, 0);
  return { sdkAppId, room: ref, members: members.length, tracks };
}

function memberView(member: Member, version: number): MemberView {
  const { userId, role, operands, identity, tracks, key } = member;
  const { scene } = identity;
  const view = { userId, scene, role, slots: [...tracks.keys()], version, explanation: explain(operands) };
  if (!key.observed) return view;
  const { refusal } = key.observed;
  return {
    ...view,
    observed: { refusal, effective: observedEffective(member), lacks: observedMissing(member) },
  };
}

function pageOf<T>(
  all: ReadonlyMap<string, T>,
  { after = '', limit }: Page,
): { rows: T[]; next: { next?: string } } {
  const behind = [...all].filter(([key]) => key > after).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = behind.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(([, row]) => row),
    next: behind.length > limit && last ? { next: last[0] } : {},
  };
}
