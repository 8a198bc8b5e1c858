import type { AdminResult, RoomRef } from '@roomkey/protocol';
import { permissionsOf } from '@roomkey/tickets/permissions';
import { roomText, timeText } from './application-text.ts';
import { textTable } from './text-table.ts';

/** A room with all of its members. */
export type ShownRoom = Pick<AdminResult<'room.show'>, 'room' | 'members'>;
type Member = ShownRoom['members'][number];
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
  const sections = [
    facts,
    ...(members.length > 0 ? [operands] : []),
    ...lacksText(members),
    ...observedText(members),
  ];
  return sections.join('\n\n');
}

/** For each permission that members lack, why; nothing when they lack none. */
function lacksText(members: readonly Member[]): string[] {
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
  if (cleared.length === 0) return [];
  return [textTable([['USER', 'LACKS', 'BY', 'CAUSE', 'ACTOR', 'SINCE'], ...cleared])];
}

/** What `enforce` would make of members whose keys are only observed; nothing when there are none. */
function observedText(members: readonly Member[]): string[] {
  const observed = members.flatMap(({ userId, observed: by }) =>
    by
      ? [[userId, by.refusal ? `refused: ${by.refusal}` : String(by.effective), by.lacks.join(',') || '-']]
      : [],
  );
  if (observed.length === 0) return [];
  return [textTable([['USER', 'UNDER ENFORCE', 'WOULD LACK'], ...observed])];
}

/** One user in one room: every operand with its cause, what it lacks and why, and what operators took. */
export function memberShowText({ member, denial, bans }: AdminResult<'member.show'>): string {
  const sections: string[] = [];
  if (member) {
    const { userId, scene, role, slots, explanation } = member;
    const { effective, operands: by } = explanation;
    const facts = [
      ['user', userId],
      ['scene', scene],
      ['role', role],
      ['sends', slots.join(',') || '-'],
      ['effective', `${effective}: ${bits(effective)}`],
    ];
    const operand = (name: string, { bits: byte, cause, actor, since }: typeof by.held) => [
      name,
      String(byte),
      cause,
      actor,
      timeText(since),
    ];
    const operands = [
      operand('held', by.held),
      operand('by role', by.role),
      operand('authority', by.authority),
      operand('denied', by.denied),
      operand('lapsed', by.lapsed),
      operand('capped', by.capped),
    ];
    sections.push(textTable(facts), textTable([['OPERAND', 'BITS', 'CAUSE', 'ACTOR', 'SINCE'], ...operands]));
    sections.push(...lacksText([member]), ...observedText([member]));
  } else sections.push('not inside');
  if (denial) sections.push(denialsText([denial]));
  if (bans.length > 0) sections.push(bansText(bans));
  return sections.join('\n\n');
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
