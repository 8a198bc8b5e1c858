import { type AdminResult, ServiceError } from '@roomkey/protocol';
import { explain, type PermissionName } from '@roomkey/tickets/permissions';
import { observedEffective, observedMissing } from '../access/index.ts';
import { pageOf } from '../page-of.ts';
import type { Decided, InsideView, Page, RoomAt, RoomControl, RoomView } from '../ports/index.ts';
import type { Room } from './room.ts';
import type { RoomDirectory } from './room-directory.ts';
import type { Member } from './state/member.ts';

/** What operators need of the rooms whose home is this process. */
export class HomeControl implements RoomControl {
  readonly #rooms: RoomDirectory;

  constructor(rooms: RoomDirectory) {
    this.#rooms = rooms;
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
    const all = this.#rooms.existing(sdkAppId);
    const { rows, next } = pageOf(
      all.map((room) => [room.name, room] as const),
      page,
    );
    return { rooms: rows.map(roomView), ...next };
  }

  room(at: RoomAt, page: Page) {
    const room = this.#existing(at);
    const { rows, next } = pageOf(
      [...room.roster].map((member) => [member.userId, member] as const),
      page,
    );
    return { room: roomView(room), members: rows.map(memberView), ...next };
  }

  member({ sdkAppId, room }: RoomAt, userId: string): InsideView | undefined {
    const member = this.#rooms.find(sdkAppId, room)?.roster.find(userId);
    return member && memberView(member);
  }

  observed(sdkAppId: number): AdminResult<'app.show'>['observed'] {
    const members = this.#rooms
      .existing(sdkAppId)
      .flatMap(({ roster }) => [...roster])
      .filter(({ privateMapKey }) => privateMapKey.observed);
    if (members.length === 0) return undefined;
    const refused: Record<string, number> = {};
    const lacking: Partial<Record<PermissionName, number>> = {};
    for (const member of members) {
      const { refusal } = member.privateMapKey.observed ?? {};
      if (refusal) refused[refusal] = (refused[refusal] ?? 0) + 1;
      for (const permission of observedMissing(member)) lacking[permission] = (lacking[permission] ?? 0) + 1;
    }
    return { members: members.length, refused, lacking };
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
