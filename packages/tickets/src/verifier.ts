import { maxU32, requireText, requireWhole } from './argument.ts';
import { secondsOf, type UnixTime } from './clock.ts';
import { open } from './envelope.ts';
import { lowByte } from './permissions/index.ts';
import { fittingKey } from './signature.ts';
import { parseDocument, type TicketDocument } from './ticket-document.ts';
import { TicketError } from './ticket-error.ts';
import { decodeUserbuf, isForRoom, isForUser, type Room } from './userbuf.ts';

export interface VerifyOptions {
  /** The application that the ticket must belong to. */
  readonly sdkAppId: number;
  /** The application's secret keys; with an empty list every ticket is `forged`. */
  readonly secretKeys: string | readonly string[];
  /** The user whom the ticket must name. */
  readonly userId: string;
  /** Unix seconds; default: the wall clock. */
  readonly now?: UnixTime;
  /** Seconds for which a ticket still passes after its expiry; default 0. */
  readonly expiryLeeway?: number;
  /** Seconds by which a ticket may be dated ahead of `now`; default 300. */
  readonly futureLeeway?: number;
}

/** The options of {@link verifyPrivateMapKey}: with them exactly one of `roomId` and `strRoomId`. */
export type VerifyPrivateMapKeyOptions = VerifyOptions &
  (
    | { readonly roomId: number; readonly strRoomId?: undefined }
    | { readonly roomId?: undefined; readonly strRoomId: string }
  );

/** What a verified UserSig proves. Times are unix seconds. */
export interface UserSigClaims {
  readonly sdkAppId: number;
  readonly userId: string;
  readonly issuedAt: number;
  /** The last second in which the ticket passes. */
  readonly expiresAt: number;
  /** The index in `secretKeys` of the key that signed it. */
  readonly key: number;
}

/** What a verified PrivateMapKey proves; `expiresAt` is the earlier of the two expiries in it. */
export interface PrivateMapKeyClaims extends UserSigClaims {
  /** The permission byte; bits above it in the ticket mean nothing. */
  readonly permissions: number;
  /** The room, when it has a number. */
  readonly roomId?: number;
  /** The room, when it has a text. */
  readonly strRoomId?: string;
}

/**
 * Checks a UserSig and returns what it proves. In this order: form, application, signature, kind, user, date, expiry.
 *
 * @throws {TicketError} with the `reason` of the first check that fails.
 * @throws {TypeError | RangeError} for options that make no sense; never because of the ticket.
 *
 * @example
 * ```ts
 * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
 * const userSig = issuer.genUserSig('ana', 60);
 * verifyUserSig(userSig, { sdkAppId: 1400000001, secretKeys: 'a secret', userId: 'ana' }).userId; // 'ana'
 * ```
 */
export function verifyUserSig(ticket: string, options: VerifyOptions): UserSigClaims {
  const window = windowOf(options);
  const { document, key } = authenticate(ticket, options);
  if (document.userbuf !== undefined) throw new TicketError('notAUserSig');
  const { userId, sdkAppId, time, expire } = document;
  if (userId !== options.userId) throw new TicketError('wrongUser');
  return current({ sdkAppId, userId, issuedAt: time, expiresAt: time + expire, key }, window);
}

/**
 * Checks a PrivateMapKey and returns what it proves. In this order: form, application, signature, kind,
 * layout of the userbuf, user, application and room inside it, date, expiry.
 *
 * The copy of the user id inside must be its UTF-8, the room number or the UTF-8 of the room text exactly the
 * room asked for, and the kind of room too. An expiry past 2^32, which the userbuf cannot hold, is `expired`.
 *
 * @throws {TicketError} with the `reason` of the first check that fails.
 * @throws {TypeError | RangeError} for options that make no sense; never because of the ticket.
 *
 * @example
 * ```ts
 * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
 * const privateMapKey = issuer.genPrivateMapKey('ana', 60, 123, presets.audience);
 * const expected = { sdkAppId: 1400000001, secretKeys: ['a newer key', 'a secret'], userId: 'ana', roomId: 123 };
 * verifyPrivateMapKey(privateMapKey, expected).permissions; // 170
 * ```
 */
export function verifyPrivateMapKey(
  ticket: string,
  options: VerifyPrivateMapKeyOptions,
): PrivateMapKeyClaims {
  const window = windowOf(options);
  const room = roomOf(options);
  const { document, key } = authenticate(ticket, options);
  if (document.userbuf === undefined) throw new TicketError('notAPrivateMapKey');
  const { userId, sdkAppId, time, expire } = document;
  const userbuf = decodeUserbuf(document.userbuf);
  if (userId !== options.userId || !isForUser(userbuf, userId)) throw new TicketError('wrongUser');
  if (userbuf.sdkAppId !== sdkAppId) throw new TicketError('wrongApplication');
  if (!isForRoom(userbuf, room)) throw new TicketError('wrongRoom');
  if (time + expire > maxU32) throw new TicketError('expired');
  const claims = {
    sdkAppId,
    userId,
    issuedAt: time,
    expiresAt: Math.min(time + expire, userbuf.expiresAt),
    key,
    permissions: userbuf.privilegeMap & lowByte,
  };
  return current(
    typeof room === 'number' ? { ...claims, roomId: room } : { ...claims, strRoomId: room },
    window,
  );
}

function authenticate(ticket: string, { sdkAppId, secretKeys }: VerifyOptions): Authentic {
  requireWhole('sdkAppId', sdkAppId, 1, maxU32);
  const keys = typeof secretKeys === 'string' ? [secretKeys] : secretKeys;
  for (const key of keys) requireText('Each secret key', key);
  const document = parseDocument(open(ticket));
  if (document.sdkAppId !== sdkAppId) throw new TicketError('wrongApplication');
  const key = fittingKey(document, document.sig, keys);
  if (key === -1) throw new TicketError('forged');
  return { document, key };
}

interface Authentic {
  readonly document: TicketDocument;
  readonly key: number;
}

/** The latest date and the earliest expiry, in unix seconds, with which a ticket passes. */
interface Window {
  readonly latestIssue: number;
  readonly earliestExpiry: number;
}

function windowOf({ now, expiryLeeway = 0, futureLeeway = 300 }: VerifyOptions): Window {
  const seconds = secondsOf(now);
  if (!(expiryLeeway >= 0 && futureLeeway >= 0)) throw new RangeError('A leeway must be 0 seconds or more.');
  return { latestIssue: seconds + futureLeeway, earliestExpiry: seconds - expiryLeeway };
}

function current<Claims extends UserSigClaims>(
  claims: Claims,
  { latestIssue, earliestExpiry }: Window,
): Claims {
  if (claims.issuedAt > latestIssue) throw new TicketError('issuedInFuture');
  if (claims.expiresAt < earliestExpiry) throw new TicketError('expired');
  return claims;
}

function roomOf({ roomId, strRoomId }: VerifyPrivateMapKeyOptions): Room {
  if (typeof roomId === 'number' && strRoomId === undefined) return roomId;
  if (typeof strRoomId === 'string' && roomId === undefined) return strRoomId;
  throw new TypeError('Give either roomId, a number, or strRoomId, a text.');
}
