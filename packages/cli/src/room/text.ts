import type { AdminResult } from '@roomkey/protocol';
import { lacksText, observedText } from '../member/text.ts';
import { textTable } from '../terminal/table.ts';
import { roomText } from '../terminal/value-text.ts';

/** A room with all of its members. */
export type ShownRoom = Pick<AdminResult<'room.show'>, 'room' | 'members'>;

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
