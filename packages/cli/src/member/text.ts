import type { AdminResult, RoomRef } from '@roomkey/protocol';
import { permissionsOf } from '@roomkey/tickets/permissions';
import { textTable } from '../terminal/table.ts';
import { actorText, roomText, timeText } from '../terminal/value-text.ts';

/** A member as operators see it. */
type Member = AdminResult<'room.show'>['members'][number];
type Denials = AdminResult<'member.listDenials'>['denials'];
type Bans = AdminResult<'member.listBans'>['bans'];

const scope = (room: RoomRef | undefined): string => (room ? roomText(room) : 'every room');
const bits = (byte: number): string => permissionsOf(byte).join(',') || 'none';

/** For each permission that members lack, why; nothing when they lack none. */
export function lacksText(members: readonly Member[]): string[] {
  const cleared = members.flatMap(({ userId, explanation }) =>
    explanation.cleared.map(({ permission, operand, cause, actor, since }) => [
      userId,
      permission,
      operand,
      cause,
      actorText(actor),
      timeText(since),
    ]),
  );
  if (cleared.length === 0) return [];
  return [textTable([['USER', 'LACKS', 'BY', 'CAUSE', 'ACTOR', 'SINCE'], ...cleared])];
}

/** What `enforce` would make of members whose keys are only observed; nothing when there are none. */
export function observedText(members: readonly Member[]): string[] {
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
      actorText(actor),
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
      actorText(actor),
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
      actorText(actor),
      timeText(since),
      timeText(until),
    ]),
  ]);
