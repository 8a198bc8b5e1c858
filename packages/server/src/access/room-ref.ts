import { isRoomId, isStrRoomId, type Params, type RoomRef, ServiceError } from '@roomkey/protocol';

/** The room that an entry names. A `roomId` goes before a `strRoomId`, as with the vendor's web SDK. */
export function requestedRoom({ roomId, strRoomId }: Pick<Params<'enter'>, 'roomId' | 'strRoomId'>): RoomRef {
  if (roomId !== undefined) {
    if (!isRoomId(roomId)) throw new ServiceError('roomIdIllegal');
    return { roomId };
  }
  if (strRoomId === undefined) throw new ServiceError('roomIdMissing');
  if (!isStrRoomId(strRoomId)) throw new ServiceError('strRoomIdIllegal');
  return { strRoomId };
}
