import { Buffer } from 'node:buffer';
import { isWellFormed } from './safe-text.ts';
import { TicketError } from './ticket-error.ts';

/** The binary part of a PrivateMapKey, as it was written; all integers are unsigned and big-endian. */
export interface Userbuf {
  readonly account: Buffer;
  readonly sdkAppId: number;
  /** 0 in version 1. */
  readonly roomId: number;
  /** Only in version 1. */
  readonly strRoomId: Buffer | undefined;
  /** Unix seconds, modulo 2^32. */
  readonly expiresAt: number;
  readonly privilegeMap: number;
}

/** A room: a number is a `roomId`, a text a `strRoomId`; 123 and "123" are two rooms. */
export type Room = number | string;

/** Bytes in version 0 beside the account: version, its length, then five 32-bit integers. */
const fixedBytes = 23;

/** In standard base64, as it is signed. Text is written in UTF-8. The empty string room is written as room 0 of version 0, as most vendor libraries do. */
export function encodeUserbuf(fields: {
  userId: string;
  sdkAppId: number;
  room: Room;
  expiresAt: number;
  privilegeMap: number;
}): string {
  const account = Buffer.from(fields.userId);
  const strRoomId =
    typeof fields.room === 'string' && fields.room !== '' ? Buffer.from(fields.room) : undefined;
  if (account.length > 0xffff || (strRoomId?.length ?? 0) > 0xffff) {
    throw new RangeError('The ids are too long for a ticket.');
  }
  const bytes = Buffer.alloc(fixedBytes + account.length + (strRoomId ? 2 + strRoomId.length : 0));
  bytes[0] = strRoomId ? 1 : 0;
  let at = bytes.writeUInt16BE(account.length, 1);
  at += account.copy(bytes, at);
  at = bytes.writeUInt32BE(fields.sdkAppId, at);
  at = bytes.writeUInt32BE(typeof fields.room === 'number' ? fields.room : 0, at);
  at = bytes.writeUInt32BE(fields.expiresAt, at);
  at = bytes.writeUInt32BE(fields.privilegeMap, at) + 4;
  if (strRoomId) strRoomId.copy(bytes, bytes.writeUInt16BE(strRoomId.length, at));
  return bytes.toString('base64');
}

/** @throws {TicketError} `malformed` unless the base64 holds exactly one userbuf of version 0 or 1 with account type 0. */
export function decodeUserbuf(base64: string): Userbuf {
  const bytes = Buffer.from(base64, 'base64');
  const accountLength = bytes.length >= fixedBytes ? bytes.readUInt16BE(1) : 0;
  const version = bytes[0];
  const end = fixedBytes + accountLength;
  if (bytes.length < end + (version === 1 ? 2 : 0)) throw malformed();
  const at = 3 + accountLength;
  const roomId = bytes.readUInt32BE(at + 4);
  const strRoomId = version === 1 ? bytes.subarray(end + 2) : undefined;
  const isWhole =
    strRoomId === undefined
      ? version === 0 && bytes.length === end
      : roomId === 0 && bytes.readUInt16BE(end) === strRoomId.length;
  if (!isWhole || bytes.readUInt32BE(at + 16) !== 0) throw malformed();
  return {
    account: bytes.subarray(3, at),
    sdkAppId: bytes.readUInt32BE(at),
    roomId,
    strRoomId,
    expiresAt: bytes.readUInt32BE(at + 8),
    privilegeMap: bytes.readUInt32BE(at + 12),
  };
}

/** True when the userbuf names this room, of this kind. The empty string room has both forms. */
export function isForRoom({ roomId, strRoomId }: Userbuf, room: Room): boolean {
  if (typeof room === 'number') return strRoomId === undefined && roomId === room;
  if (strRoomId === undefined) return room === '' && roomId === 0;
  return isEncoded(strRoomId, room);
}

/** True when the userbuf's copy of the user id is its UTF-8. */
export function isForUser({ account }: Userbuf, userId: string): boolean {
  return isEncoded(account, userId);
}

function isEncoded(bytes: Buffer, text: string): boolean {
  return isWellFormed(text) && bytes.equals(Buffer.from(text));
}

function malformed(): TicketError {
  return new TicketError('malformed', 'its userbuf is not that of a PrivateMapKey');
}
