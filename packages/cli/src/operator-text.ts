import type { AdminResult, RoomRef } from '@roomkey/protocol';
import { permissionsOf } from '@roomkey/tickets/permissions';
import { roomText, timeText } from './application-text.ts';
import { textTable } from './text-table.ts';

/** A room with all of its members. */
export type ShownRoom = Pick<AdminResult<'room.show'>, 'room' | 'members'>;
type Denials = AdminResult<'member.listDenials'>['denials'];
type Bans = AdminResult<'member.listBans'>['bans'];
type Revocations = AdminResult<'tickets.listRevocations'>['revocations'];

const scope = (room: RoomRef | undefined): string => (room ? roomText(room) : 'every room');
const bits = (byte: number): string => permissionsOf(byte).join(',') || 'none';

/** Rooms, one a line. */
export const roomListText = (rooms: AdminResult<'room.list'>['rooms']): string =>
  textTable([
    ['SDKAPPID', 'MEMBERS', 'TRACKS', 'ROOM'],
    ...rooms.map(({ sdkAppId, room, members, tracks }) => [
      String(sdkAppId),
      String(members),
      String(tracks),
      roomText(room),
    ]),
  ]);

/** A room: its members with the operands of what they may do, and for each permission that one lacks, why. */
export function roomShowText({ room, members }: ShownRoom): string {
  const facts = textTable([
    ['SDKAppID', String(room.sdkAppId)],
    ['room', roomText(room.room)],
    ['members', String(room.members)],
    ['tracks', String(room.tracks)],
  ]);
  const operands = textTable([
    [
      'USER',
      'ROLE',
      'EFFECTIVE',
      'HELD',
      'BY ROLE',
      'AUTHORITY',
      'DENIED',
      'LAPSED',
      'CAPPED',
      'VERSION',
      'SENDS',
    ],
    ...members.map(({ userId, role, slots, version, explanation: { effective, operands: by } }) => [
      userId,
      role,
      String(effective),
      ...[by.held, by.role, by.authority, by.denied, by.lapsed, by.capped].map((operand) =>
        String(operand.bits),
      ),
      String(version),
      slots.join(',') || '-',
    ]),
  ]);
  const cleared = members.flatMap(({ userId, explanation }) =>
    explanation.cleared.map(({ permission, operand, cause, actor, since }) => [
      userId,
      permission,
      operand,
      cause,
      actor,
      timeText(since),
    ]),
  );
  const lacks = textTable([['USER', 'LACKS', 'BY', 'CAUSE', 'ACTOR', 'SINCE'], ...cleared]);
  return [facts, ...(members.length > 0 ? [operands] : []), ...(cleared.length > 0 ? [lacks] : [])].join(
    '\n\n',
  );
}

/** Denials, one a line. */
export const denialsText = (denials: Denials): string =>
  textTable([
    ['USER', 'ROOM', 'DENIED', 'VERSION', 'CAUSE', 'ACTOR', 'SINCE', 'UNTIL'],
    ...denials.map(({ userId, room, mask, version, cause, actor, since, expiresAt }) => [
      userId,
      roomText(room),
      bits(mask),
      String(version),
      cause,
      actor,
      timeText(since),
      timeText(expiresAt),
    ]),
  ]);

/** Bans, one a line. */
export const bansText = (bans: Bans): string =>
  textTable([
    ['USER', 'ROOM', 'CAUSE', 'ACTOR', 'SINCE', 'UNTIL'],
    ...bans.map(({ userId, room, cause, actor, since, until }) => [
      userId,
      scope(room),
      cause,
      actor,
      timeText(since),
      timeText(until),
    ]),
  ]);

/** Revocations, one a line. */
export const revocationsText = (revocations: Revocations): string =>
  textTable([
    ['TICKETS OF', 'SIGNED UP TO', 'CAUSE', 'ACTOR', 'SINCE'],
    ...revocations.map(({ tickets, before, cause, actor, since }) => [
      ticketsText(tickets),
      timeText(before * 1000),
      cause,
      actor,
      timeText(since),
    ]),
  ]);

function ticketsText(tickets: Revocations[number]['tickets']): string {
  if (tickets === 'application') return 'the application';
  return 'userId' in tickets ? `user ${tickets.userId}` : `room ${roomText(tickets.room)}`;
}
