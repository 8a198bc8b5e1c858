import { type Params, type Result, ServiceError } from '@roomkey/protocol';
import type { Room } from './room.ts';
import type { Member } from './state/member.ts';

/**
 * Opens a member's transport at the media plane, on the member's place. A transport of the same direction
 * that is there already is replaced: with a sending one its tracks are lost, with a receiving one consumers open anew.
 *
 * @throws {ServiceError} `mediaUnavailable`, or `notEntered` when the member has left meanwhile
 */
export async function openTransport(
  room: Room,
  member: Member,
  { direction }: Params<'openTransport'>,
): Promise<Result<'openTransport'>> {
  const { plane, newId } = room.context;
  const transport = { transportId: newId(), open: false, connected: false };
  const { opening } = await room.mailbox.run(() => {
    if (!member.inside) throw new ServiceError('notEntered');
    const place = member.place ?? room.place();
    member.place = place;
    const before = member.transports[direction];
    if (before) plane.closeTransport(before.transportId);
    member.transports[direction] = transport;
    if (before && direction === 'send' && room.publications.lose(member).length > 0) room.reconcileAll();
    else room.reconcile(member);
    // Within the job: what ends the member or the room later has to find it at the plane, to close it.
    return { opening: plane.openTransport(place, room.name, transport.transportId, direction) };
  });
  const isCurrent = () => member.inside && member.transports[direction] === transport;
  try {
    const offer = await opening;
    return await room.mailbox.run(() => {
      if (!isCurrent()) throw new ServiceError('mediaUnavailable');
      transport.open = true;
      room.reconcile(member);
      return offer;
    });
  } catch (error) {
    plane.closeTransport(transport.transportId);
    await room.mailbox.run(() => {
      if (isCurrent()) delete member.transports[direction];
    });
    throw member.inside ? error : new ServiceError('notEntered');
  }
}

/** @throws {ServiceError} `transportUnknown` when the member has no open transport of this id */
export function requireTransport(member: Member, transportId: string): { connected: boolean } {
  const own = Object.values(member.transports).find((transport) => transport.transportId === transportId);
  if (!own?.open) throw new ServiceError('transportUnknown');
  return own;
}
