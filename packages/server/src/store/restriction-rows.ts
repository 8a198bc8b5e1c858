import type { Actor } from '@roomkey/tickets/permissions';
import type { Ban, Denial, Revocation } from '../ports/index.ts';
import type { Tables } from './schema.ts';

/** The room of a ban of the whole application: no room key text is empty. */
const EVERY_ROOM = '';

const actorColumns = ({ type, id = '' }: Actor): { actor_type: Actor['type']; actor: string } => ({
  actor_type: type,
  actor: id,
});

const actorFrom = (type: Actor['type'], id: string): Actor => (id === '' ? { type } : { type, id });

export const roomColumn = (room: string | undefined): string => room ?? EVERY_ROOM;

export const denialRow = (denial: Denial): Tables['denials'] => ({
  sdk_app_id: denial.sdkAppId,
  room: denial.room,
  user_id: denial.userId,
  mask: denial.mask,
  version: denial.version,
  ...actorColumns(denial.actor),
  cause: denial.cause,
  since: denial.since,
  expires_at: denial.expiresAt,
});

export const denialFrom = ({
  sdk_app_id,
  user_id,
  expires_at,
  actor_type,
  actor,
  ...row
}: Tables['denials']): Denial => ({
  ...row,
  actor: actorFrom(actor_type, actor),
  sdkAppId: sdk_app_id,
  userId: user_id,
  expiresAt: expires_at,
});

export const banRow = (ban: Ban): Tables['bans'] => ({
  sdk_app_id: ban.sdkAppId,
  room: roomColumn(ban.room),
  user_id: ban.userId,
  until: ban.until,
  version: ban.version,
  ...actorColumns(ban.actor),
  cause: ban.cause,
  since: ban.since,
});

export const banFrom = ({ sdk_app_id, user_id, room, actor_type, actor, ...row }: Tables['bans']): Ban => ({
  ...row,
  actor: actorFrom(actor_type, actor),
  sdkAppId: sdk_app_id,
  room: room === EVERY_ROOM ? undefined : room,
  userId: user_id,
});

export const revocationRow = (revocation: Revocation): Tables['revocations'] => ({
  sdk_app_id: revocation.sdkAppId,
  target: revocation.target,
  at: revocation.at,
  version: revocation.version,
  ...actorColumns(revocation.actor),
  cause: revocation.cause,
  since: revocation.since,
});

export const revocationFrom = ({
  sdk_app_id,
  actor_type,
  actor,
  ...row
}: Tables['revocations']): Revocation => ({
  ...row,
  actor: actorFrom(actor_type, actor),
  sdkAppId: sdk_app_id,
});
