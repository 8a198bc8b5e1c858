import { type RoomRef, roomKey, roomRef } from '@roomkey/protocol';

/** Whose tickets are revoked: a user's, those for a room (PrivateMapKeys alone), or all of the application. */
export type RevokedTickets = 'application' | { readonly userId: string } | { readonly room: RoomRef };

/** How a revocation names whose tickets it revokes. */
export function revocationTarget(tickets: RevokedTickets): string {
  if (tickets === 'application') return 'a';
  return 'userId' in tickets ? `u:${tickets.userId}` : `r:${roomKey(tickets.room)}`;
}

/** Whose tickets the target of a revocation names. */
export function revokedTickets(target: string): RevokedTickets {
  if (target === 'a') return 'application';
  const name = target.slice(2);
  return target.startsWith('u:') ? { userId: name } : { room: roomRef(name) };
}

/** Whom the target of a revocation concerns, and in which room (room key text); undefined: in all, or everybody. */
export function concernedBy(target: string): {
  readonly room: string | undefined;
  readonly userIds: readonly string[] | undefined;
} {
  const name = target.slice(2);
  return {
    room: target.startsWith('r:') ? name : undefined,
    userIds: target.startsWith('u:') ? [name] : undefined,
  };
}
