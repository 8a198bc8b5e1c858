import { isRoomId, isStrRoomId, type RoomRef, ServiceError } from '@roomkey/protocol';

/** The ways in which a request may name its room. */
interface RequestedRoom {
  readonly roomId?: number | undefined;
  readonly strRoomId?: string | undefined;
}

/**
 * The room that a request names. A `roomId` goes before a `strRoomId`, as with the vendor's web SDK.
 *
 * @throws {ServiceError} `roomIdMissing`, `roomIdIllegal`, `strRoomIdIllegal`
 */
export function requestedRoom({ roomId, strRoomId }: RequestedRoom): RoomRef {
  if (roomId !== undefined) {
    if (!isRoomId(roomId)) throw new ServiceError('roomIdIllegal');
    return { roomId };
  }
  if (strRoomId === undefined) throw new ServiceError('roomIdMissing');
  if (!isStrRoomId(strRoomId)) throw new ServiceError('strRoomIdIllegal');
  return { strRoomId };
}
