import { systemActor } from '@roomkey/tickets/permissions';
import type { Ban, Decided, Denial, JournalRecord, RestrictedUser, Revocation } from '../ports/index.ts';
import { concernedBy, revokedTickets } from './revocation.ts';

/**
 * A change of what is denied to a user. `mask` is what was denied before. Where actor and cause of the denial stay those of an earlier
 * change, because nothing was taken, it says so.
 */
export function deniedRecord(denial: Denial, mask: number, by: Decided, at: number): JournalRecord {
  const { version, expiresAt, since, actor, cause } = denial;
  const isDecidedBefore = actor.type !== by.actor.type || actor.id !== by.actor.id || cause !== by.cause;
  return {
    ...where(denial, by, at),
    kind: 'denied',
    operands: { denied: [mask, denial.mask] },
    details: { version, expiresAt, since, ...(isDecidedBefore ? { decidedBefore: true } : {}) },
  };
}

export const bannedRecord = (ban: Ban): JournalRecord => ({
  ...where(ban, ban, ban.since),
  kind: 'banned',
  details: { until: ban.until },
});

export const unbannedRecord = (ban: RestrictedUser, by: Decided, at: number): JournalRecord => ({
  ...where(ban, by, at),
  kind: 'unbanned',
});

export const revokedRecord = (revocation: Revocation): JournalRecord => {
  const { sdkAppId, target, at: before, since } = revocation;
  const { room, userIds } = concernedBy(target);
  const tickets = revokedTickets(target);
  const of = tickets === 'application' ? tickets : 'userId' in tickets ? 'user' : 'room';
  return {
    ...where({ sdkAppId, room, userId: userIds?.[0] }, revocation, since),
    kind: 'revoked',
    details: { tickets: of, before },
  };
};

/** What has ended by itself, when it is deleted. A denial that took nothing any more is not told. */
export function endedRecords(
  { denials, bans }: { readonly denials: readonly Denial[]; readonly bans: readonly Ban[] },
  at: number,
): JournalRecord[] {
  const system = (cause: string) => ({ actor: systemActor, cause });
  return [
    ...denials
      .filter(({ mask }) => mask !== 0)
      .map((denial) => ({
        ...where(denial, system(denial.cause), at),
        kind: 'expired' as const,
        operands: { denied: [denial.mask, 0] as const },
        details: { ended: 'denial', endedAt: denial.expiresAt },
      })),
    ...bans.map((ban) => ({
      ...where(ban, system(ban.cause), at),
      kind: 'expired' as const,
      details: { ended: 'ban', endedAt: ban.until },
    })),
  ];
}

const where = (
  { sdkAppId, room, userId }: Pick<JournalRecord, 'sdkAppId' | 'room' | 'userId'>,
  { actor, cause }: Decided,
  at: number,
) => ({ at, sdkAppId, room, userId, actor, cause });
