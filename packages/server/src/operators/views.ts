import {
  type AdminParams,
  type AdminResult,
  type RoomRef,
  roomKey,
  roomRef,
  ServiceError,
} from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import { pageOf } from '../page-of.ts';
import type {
  Applications,
  Ban,
  Denial,
  InsideView,
  Page,
  Revocation,
  RoomAt,
  RoomControl,
} from '../ports/index.ts';
import { type Restrictions, revokedTickets } from '../restrictions/index.ts';
import { checkUser } from './rules.ts';

type DenialView = AdminResult<'member.listDenials'>['denials'][number];
type BanView = AdminResult<'member.listBans'>['bans'][number];
type RevocationView = AdminResult<'tickets.listRevocations'>['revocations'][number];

/** A denial as operators see it. */
export const denialView = ({ sdkAppId, room, ...rest }: Denial): DenialView => ({
  ...rest,
  room: roomRef(room),
});

/** A ban as operators see it. */
export const banView = ({ sdkAppId, room, version, ...rest }: Ban): BanView =>
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
  readonly #control: RoomControl | undefined;

  constructor(applications: Applications, restrictions: Restrictions, control?: RoomControl) {
    this.#applications = applications;
    this.#restrictions = restrictions;
    this.#control = control;
  }

  /** The rooms that exist, of one application or of all. @throws {ServiceError} `applicationUnknown`, `methodNotFound` */
  rooms({ sdkAppId, ...page }: Page & { readonly sdkAppId?: number | undefined }): AdminResult<'room.list'> {
    if (sdkAppId !== undefined) this.#known(sdkAppId);
    return this.#running().rooms(sdkAppId, page);
  }

  /** One room and a page of its members, by user id. @throws {ServiceError} `applicationUnknown`, `roomUnknown`, `methodNotFound` */
  async room({
    sdkAppId,
    room: ref,
    ...page
  }: Page & { readonly sdkAppId: number; readonly room: RoomRef }): Promise<AdminResult<'room.show'>> {
    this.#known(sdkAppId);
    const at = { sdkAppId, room: roomKey(requestedRoom(ref)) };
    const { members, ...view } = await this.#running().room(at, page);
    return { ...view, members: members.map((member) => ({ ...member, version: this.#version(at, member) })) };
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
    const inside = this.#control?.member(at, userId);
    if (!inside && !denial && held.length === 0) throw new ServiceError('memberUnknown');
    return {
      ...(inside && { member: { ...inside, version: this.#version(at, inside) } }),
      ...(denial && { denial: denialView(denial) }),
      bans: held,
    };
  }

  /** How `enforce` would have the members of an application whose keys are only observed; undefined when there are none. */
  async observed(sdkAppId: number): Promise<AdminResult<'app.show'>['observed']> {
    return this.#control?.observed(sdkAppId);
  }

  /** The denials of an application that hold. @throws {ServiceError} `applicationUnknown` */
  denials({ sdkAppId, ...page }: Page & { readonly sdkAppId: number }): AdminResult<'member.listDenials'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.denials(sdkAppId, page.after), page.limit);
    return { denials: rows.map(denialView), ...next };
  }

  /** The bans of an application that hold. @throws {ServiceError} `applicationUnknown` */
  bans({ sdkAppId, ...page }: Page & { readonly sdkAppId: number }): AdminResult<'member.listBans'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.bans(sdkAppId, page.after), page.limit);
    return { bans: rows.map(banView), ...next };
  }

  /** The revocations of an application. @throws {ServiceError} `applicationUnknown` */
  revocations({
    sdkAppId,
    ...page
  }: Page & { readonly sdkAppId: number }): AdminResult<'tickets.listRevocations'> {
    this.#known(sdkAppId);
    const { rows, next } = pageOf(this.#restrictions.revocations(sdkAppId, page.after), page.limit);
    return { revocations: rows.map(revocationView), ...next };
  }

  #known(sdkAppId: number): void {
    if (!this.#applications.find(sdkAppId)) throw new ServiceError('applicationUnknown');
  }

  /** The version of what is denied to a member. */
  #version(at: RoomAt, { userId }: InsideView): number {
    return this.#restrictions.denialVersion({ ...at, userId });
  }

  #running(): RoomControl {
    if (!this.#control) throw new ServiceError('methodNotFound', 'No server runs on this data folder.');
    return this.#control;
  }
}
