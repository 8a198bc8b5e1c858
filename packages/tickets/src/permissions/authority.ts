import { entryBits, lowByte, mediaBits, missing, Permission, type PermissionName } from './permission.ts';

/** The `AUTH_BITS_*` names of the vendor's older SDK (ILVB); the positions are those of a PrivateMapKey. */
export const AUTH_BITS_CREATE_ROOM: number = Permission.createRoom;
export const AUTH_BITS_JOIN_ROOM: number = Permission.enterRoom;
export const AUTH_BITS_SEND_AUDIO: number = Permission.sendAudio;
export const AUTH_BITS_RECV_AUDIO: number = Permission.recvAudio;
export const AUTH_BITS_SEND_VIDEO: number = Permission.sendVideo;
export const AUTH_BITS_RECV_VIDEO: number = Permission.recvVideo;
export const AUTH_BITS_SEND_SUB: number = Permission.sendSub;
export const AUTH_BITS_RECV_SUB: number = Permission.recvSub;
/** "Whatever the ticket allows": all ones in 64 bits, written as −1. */
export const AUTH_BITS_DEFAULT = -1;

/** What a member asked for. `isDefault`: nothing in particular, so it is not compared with what is held. */
export interface Authority {
  /** Always with `createRoom` and `enterRoom`: those are the ticket's alone and cannot be asked away. */
  readonly bits: number;
  readonly isDefault: boolean;
}

/**
 * Reads the bits of `enterRoom({ authBits })` or `changeAuthority`.
 *
 * −1 and all ones in 64 bits, as a number (which JavaScript rounds to 2^64) or a bigint, are
 * {@link AUTH_BITS_DEFAULT}: all eight bits. Anything else must be a whole number from 0 to 255.
 *
 * @throws {RangeError} for every other value, whatever its type.
 *
 * @example
 * ```ts
 * parseAuthority(4); // { bits: 7, isDefault: false }
 * parseAuthority(-1); // { bits: 255, isDefault: true }
 * ```
 */
export function parseAuthority(value: number | bigint): Authority {
  if (value === -1 || value === 2 ** 64 || value === -1n || value === 2n ** 64n - 1n) {
    return { bits: lowByte, isDefault: true };
  }
  const bits = typeof value === 'bigint' ? Number(value) : value;
  if (!Number.isInteger(bits) || bits < 0 || bits > lowByte) {
    throw new RangeError('Permission bits must be a whole number from 0 to 255, or AUTH_BITS_DEFAULT (-1).');
  }
  return { bits: bits | entryBits, isDefault: false };
}

/**
 * The media permissions asked for beyond what is held; `createRoom` and `enterRoom` are not compared.
 *
 * @example
 * ```ts
 * beyondHeld(parseAuthority(12), 4); // ['recvAudio']
 * beyondHeld(parseAuthority(-1), 4); // []
 * ```
 */
export function beyondHeld({ bits, isDefault }: Authority, held: number): PermissionName[] {
  return isDefault ? [] : missing(held, bits & mediaBits);
}
