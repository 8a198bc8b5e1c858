import { type Params, type Result, ServiceError } from '@roomkey/protocol';
import type { RoomContext, RoomIdentity } from './context.ts';
import type { RoomMedia } from './media/room-media.ts';
import type { Publications } from './publications.ts';
import type { Member } from './state/member.ts';
import type { Turns } from './turns.ts';

/** What the transports of a room's members work with. */
interface Parts {
  readonly identity: RoomIdentity;
  readonly context: Pick<RoomContext, 'plane' | 'newId'>;
  readonly media: RoomMedia;
  readonly publications: Publications;
  readonly turns: Turns;
}

/** The transports of the members of a room. */
export class Transports {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens a member's transport at the media plane, on the member's place. A transport of the same direction
   * that is there already is replaced: with a sending one its tracks are lost, with a receiving one consumers open anew.
   *
   * To replace one is a change, because it closes and opens all that is on it.
   *
   * @throws {ServiceError} `tooManyChanges`, `mediaUnavailable`, or `notEntered` when the member has left meanwhile
   */
  async open(member: Member, { direction }: Params<'openTransport'>): Promise<Result<'openTransport'>> {
    const { identity, context, media, publications, turns } = this.#parts;
    const { plane, newId } = context;
    const transport = { transportId: newId(), open: false, connected: false };
    const { opening, closed } = await turns.run(() => {
      if (!member.inside) throw new ServiceError('notEntered');
      const before = member.transports[direction];
      if (before && !member.changes.take()) throw new ServiceError('tooManyChanges');
      const place = member.place ?? media.place();
      member.place = place;
      if (before) media.closeTransport(before.transportId);
      member.transports[direction] = transport;
      if (before && direction === 'send') publications.lose([member]);
      const closed = media.followTransports(member);
      // Within the turn: what ends the member or the room later has to find it at the plane, to close it.
      const { transportId } = transport;
      const room = identity.lifeId;
      const opening = plane.openTransport({ kind: 'webrtc', place, room, transportId, direction });
      return { opening, closed };
    });
    const isCurrent = () => member.inside && member.transports[direction] === transport;
    try {
      const offer = await opening;
      await closed;
      return await turns.run(() => {
        if (!isCurrent()) throw new ServiceError('mediaUnavailable');
        transport.open = true;
        media.followTransports(member);
        return offer;
      });
    } catch (error) {
      media.closeTransport(transport.transportId);
      await turns.run(() => {
        if (isCurrent()) delete member.transports[direction];
      });
      throw member.inside ? error : new ServiceError('notEntered');
    }
  }

  /** Gives the client's fingerprint. Called within a turn. @throws {ServiceError} `transportUnknown`, `invalidParams` */
  async connect(
    member: Member,
    { transportId, dtlsParameters }: Params<'connectTransport'>,
  ): Promise<Result<'connectTransport'>> {
    const transport = requireTransport(member, transportId);
    if (transport.connected) throw new ServiceError('invalidParams', 'The transport is connected already.');
    // From now on: who resumes meanwhile must not say it twice.
    transport.connected = true;
    try {
      await this.#parts.context.plane.connectTransport(transportId, dtlsParameters);
    } catch (error) {
      transport.connected = false;
      throw error;
    }
    return {};
  }

  /** New ICE credentials. Called within a turn. @throws {ServiceError} `transportUnknown` */
  async restartIce(member: Member, { transportId }: Params<'restartIce'>): Promise<Result<'restartIce'>> {
    requireTransport(member, transportId);
    return { iceParameters: await this.#parts.context.plane.restartIce(transportId) };
  }
}

/** @throws {ServiceError} `transportUnknown` when the member has no open transport of this id */
function requireTransport(member: Member, transportId: string): { connected: boolean } {
  const own = Object.values(member.transports).find((transport) => transport.transportId === transportId);
  if (!own?.open) throw new ServiceError('transportUnknown');
  return own;
}
