import { isRoomId, isStrRoomId, isUserId, ServiceError } from '@roomkey/protocol';
import type { DecodedTicket, PrivateMapKeyClaims, UserSigClaims } from '@roomkey/tickets';
import { permissionsOf } from '@roomkey/tickets/permissions';
import { textTable } from '../terminal/table.ts';

/** What a ticket proves, for people. */
export function claimsText(claims: UserSigClaims & Partial<PrivateMapKeyClaims>): string {
  const { sdkAppId, userId, issuedAt, expiresAt, permissions } = claims;
  return textTable([
    ['verified', permissions === undefined ? 'UserSig' : 'PrivateMapKey'],
    ['SDKAppID', String(sdkAppId)],
    ['user', printable(userId)],
    ...roomRows(claims),
    ...(permissions === undefined ? [] : [['permissions', permissionText(permissions)]]),
    ['issued', dateText(issuedAt)],
    ['expires', dateText(expiresAt)],
  ]);
}

/** What a ticket says, and how the journal names it, for people. */
export function decodedText(decoded: DecodedTicket, fingerprint: string): string {
  const { kind, sdkAppId, userId, issuedAt, expire, expiresAt, userbuf } = decoded;
  return textTable([
    ['not verified', kind === 'userSig' ? 'UserSig' : 'PrivateMapKey'],
    ['SDKAppID', String(sdkAppId)],
    ['user', printable(userId)],
    ['issued', dateText(issuedAt)],
    ['expires', `${dateText(expiresAt)}, ${expire} s later`],
    ...(userbuf
      ? [
          ['userbuf SDKAppID', String(userbuf.sdkAppId)],
          ['userbuf user', printable(userbuf.account)],
          ...roomRows(userbuf),
          ['permissions', permissionText(userbuf.permissions)],
          ['userbuf expires', dateText(userbuf.expiresAt)],
        ]
      : []),
    ['fingerprint', fingerprint],
  ]);
}

/** Why a ticket may be refused, as far as that shows without a key. */
export function remarksOn(
  { sdkAppId, userId, expiresAt, userbuf }: DecodedTicket,
  now = Date.now(),
): string[] {
  const remarks: string[] = [];
  if (Math.min(expiresAt, userbuf?.expiresAt ?? expiresAt) < Math.floor(now / 1000))
    remarks.push('It has expired.');
  if (!isUserId(userId)) remarks.push(noEntry('userIdIllegal'));
  if (!userbuf) return remarks;
  if (userbuf.roomId !== undefined && !isRoomId(userbuf.roomId)) remarks.push(noEntry('roomIdIllegal'));
  if (userbuf.strRoomId !== undefined && !isStrRoomId(userbuf.strRoomId))
    remarks.push(noEntry('strRoomIdIllegal'));
  if (userbuf.account !== userId) {
    remarks.push('The user in the userbuf is another text: the library that made it does not write UTF-8.');
  }
  if (userbuf.sdkAppId !== sdkAppId) remarks.push('The SDKAppID in the userbuf is another one.');
  if (userbuf.expiresAt !== expiresAt) remarks.push('Its two expiries differ; the earlier one counts.');
  if (userbuf.privilegeMap !== userbuf.permissions) remarks.push('Permission bits above 128 mean nothing.');
  return remarks;
}

/** A ticket may be good, and still open nothing. */
const noEntry = (why: ConstructorParameters<typeof ServiceError>[0]): string =>
  `Nobody can enter with it. ${new ServiceError(why).message}`;

function roomRows({ roomId, strRoomId }: { roomId?: number; strRoomId?: string }): string[][] {
  if (roomId !== undefined) return [['room', `${roomId} (number)`]];
  return strRoomId === undefined ? [] : [['room', `${printable(strRoomId)} (text)`]];
}

function permissionText(bits: number): string {
  return `${bits} (${permissionsOf(bits).join(', ') || 'none'})`;
}

function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? String(seconds)
    : `${seconds} (${date.toISOString().replace('.000', '')})`;
}

/** A text of a ticket must not steer the terminal. */
function printable(text: string): string {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text)
    ? text
    : JSON.stringify(text).replace(/[\p{C}]/gu, escaped);
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)?.toString(16)}}`;
}
