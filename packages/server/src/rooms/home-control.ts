import { type AdminResult, ServiceError } from '@roomkey/protocol';
import { explain, type PermissionName } from '@roomkey/tickets/permissions';
import { observedEffective, observedMissing } from '../access/index.ts';
import type { EventLoopShare } from '../event-loop-share.ts';
import { PageGatherer, pageOf } from '../page-of.ts';
import type { Decided, InsideView, Page, RoomAt, RoomControl, RoomView } from '../ports/index.ts';
import type { Room } from './room.ts';
import type { RoomDirectory } from './room-directory.ts';
import type { Member } from './state/member.ts';

/** What operators need of the rooms whose home is this process. */
export class HomeControl implements RoomControl {
  readonly #rooms: RoomDirectory;
  readonly #share: EventLoopShare;

  constructor(rooms: RoomDirectory, share: EventLoopShare) {
    this.#rooms = rooms;
    this.#share = share;
  }

  async inside(at: RoomAt): Promise<readonly string[]> {
    return [...this.#existing(at).roster].map(({ userId }) => userId);
  }

  async kick(at: RoomAt, userIds: readonly string[], record: (userId: string) => void): Promise<string[]> {
    const room = this.#existing(at);
    return room.turns.decideForAll(() => {
      const found = [...new Set(userIds)].flatMap((userId) => room.roster.find(userId) ?? []);
      if (found.length === 0) throw new ServiceError('memberUnknown');
      for (const { userId } of found) record(userId);
      room.remove(new Map(found.map((member) => [member, { reason: 'kicked' }])));
      return found.map(({ userId }) => userId);
    });
  }

  async dismiss(at: RoomAt, record: (userIds: readonly string[]) => void): Promise<string[]> {
    const room = this.#existing(at);
    return room.turns.decideForAll(() => {
      const dismissed = [...room.roster].map(({ userId }) => userId);
      record(dismissed);
      room.close({ reason: 'dismissed' });
      return dismissed;
    });
  }

  async apply(
    { sdkAppId, room }: { readonly sdkAppId: number; readonly room: string | undefined },
    userIds?: readonly string[],
    by?: Decided,
  ): Promise<void> {
    const change = (at: Room) => at.restrictionsChanged(userIds, by);
    const closed = this.#rooms.closed(sdkAppId, room);
    if (room === undefined) await this.#rooms.inEach(sdkAppId, change, userIds);
    else await this.#rooms.find(sdkAppId, room)?.restrictionsChanged(userIds, by);
    await closed;
  }

  rooms(sdkAppId: number | undefined, page: Page) {
    const { rows, next } = pageOf(this.#rooms.behind(sdkAppId, page.after ?? ''), page.limit);
    return { rooms: rows.map(roomView), ...next };
  }

  async room(at: RoomAt, page: Page) {
    const room = this.#existing(at);
    const gathered = new PageGatherer<string, Member>(page.after ?? '', page.limit);
    // As it is now: who leaves and comes back meanwhile would come twice.
    await this.#share.each([...room.roster], (member) => gathered.add(member.userId, member));
    const { rows, next } = pageOf(gathered.ordered, page.limit);
    const members: InsideView[] = [];
    await this.#share.each(rows, (member) => {
      if (member.inside) members.push(memberView(member));
    });
    return { room: roomView(room), members, ...next };
  }

  member({ sdkAppId, room }: RoomAt, userId: string): InsideView | undefined {
    const member = this.#rooms.find(sdkAppId, room)?.roster.find(userId);
    return member && memberView(member);
  }

  async observed(sdkAppId: number): Promise<AdminResult<'app.show'>['observed']> {
    let members = 0;
    const refused: Record<string, number> = {};
    const lacking: Partial<Record<PermissionName, number>> = {};
    await this.#share.each(this.#members(sdkAppId), (member) => {
      const { observed } = member.privateMapKey;
      if (!observed || !member.inside) return;
      members++;
      const { refusal } = observed;
      if (refusal) refused[refusal] = (refused[refusal] ?? 0) + 1;
      for (const permission of observedMissing(member)) lacking[permission] = (lacking[permission] ?? 0) + 1;
    });
    return members === 0 ? undefined : { members, refused, lacking };
  }

  /** The members of an application, room by room: those who are inside when it comes to the room. */
  *#members(sdkAppId: number): Iterable<Member> {
    for (const { roster } of this.#rooms.existing(sdkAppId)) yield* [...roster];
  }

  #existing({ sdkAppId, room: key }: RoomAt): Room {
    const room = this.#rooms.find(sdkAppId, key);
    if (!room) throw new ServiceError('roomUnknown');
    return room;
  }
}

const roomView = ({ sdkAppId, ref, roster, publications }: Room): RoomView => ({
  sdkAppId,
  room: ref,
  members: roster.size,
  tracks: publications.count,
});

function memberView(member: Member): InsideView {
  const { userId, role, operands, identity, tracks, privateMapKey } = member;
  const { scene } = identity;
  const view = { userId, scene, role, slots: [...tracks.keys()], explanation: explain(operands) };
  if (!privateMapKey.observed) return view;
  const { refusal } = privateMapKey.observed;
  return {
    ...view,
    observed: { refusal, effective: observedEffective(member), lacks: observedMissing(member) },
  };
}
