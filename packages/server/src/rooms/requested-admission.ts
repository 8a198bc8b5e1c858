import type { Params } from '@roomkey/protocol';
import { requestedRoom } from '../access/index.ts';
import type { Admission } from '../ports/index.ts';

/**
 * The admission that a client asks for with `enter`.
 *
 * @throws {ServiceError} `roomIdMissing`, `roomIdIllegal`, `strRoomIdIllegal`
 */
export const requestedAdmission = (request: Params<'enter'>): Admission => ({
  sdkAppId: request.sdkAppId,
  room: requestedRoom(request),
  userId: request.userId,
  userSig: request.userSig,
  privateMapKey: request.privateMapKey,
  scene: request.scene,
  role: request.role,
  authBits: request.authBits,
  rtpCapabilities: request.rtpCapabilities,
  autoReceive: request.autoReceive,
});
