import type { EnterRoomOptions } from '../calls/options.ts';
import type { Entry } from '../connection/room-connection.ts';

/** JSON has no bigint. */
export const wireAuthBits = (bits: number | bigint): number | string =>
  typeof bits === 'bigint' ? `${bits}` : bits;

/** What the options of `enterRoom` mean on the wire, defaults filled in. */
export function entryOf(options: EnterRoomOptions): Entry {
  const { sdkAppId, userId, userSig, roomId, strRoomId, privateMapKey, authBits } = options;
  return {
    sdkAppId,
    userId,
    userSig,
    ...(roomId ? { roomId } : { strRoomId }),
    ...(privateMapKey === undefined ? {} : { privateMapKey }),
    ...(authBits === undefined ? {} : { authBits: wireAuthBits(authBits) }),
    scene: options.scene ?? 'rtc',
    role: options.role ?? 'anchor',
    autoReceive: {
      audio: options.autoReceiveAudio ?? true,
      video: options.autoReceiveVideo ?? false,
    },
  };
}
