import { createSecretKey, type KeyObject } from 'node:crypto';
import { maxU32, requireText, requireWhole } from './argument.ts';
import { secondsOf, type UnixTime } from './clock.ts';
import { seal } from './envelope.ts';
import { lowByte } from './permissions/index.ts';
import { isSafeUserId, isWellFormed } from './safe-text.ts';
import { sign } from './signature.ts';
import { printDocument } from './ticket-document.ts';
import { TicketError } from './ticket-error.ts';
import { encodeUserbuf, type Room } from './userbuf.ts';

export interface TicketIssuerOptions {
  /** The application's number (SDKAppID), 1 to 2^32 − 1. */
  readonly sdkAppId: number;
  /** The application's secret, exactly as its text is; it belongs on a server and nowhere else. */
  readonly secretKey: string;
  /** Unix seconds; default: the wall clock, read for each ticket. */
  readonly now?: UnixTime;
}

/**
 * Signs tickets for one application, offline and synchronously.
 *
 * The tickets are those of the vendor's TLSSigAPIv2 libraries, with text in UTF-8. All methods throw
 * {@link TicketError} `unsafe` for a user id with a newline, a NUL or an unpaired surrogate, and
 * `TypeError` or `RangeError` for other bad arguments. They do not check the limits that a server puts on ids.
 */
export class TicketIssuer {
  readonly #sdkAppId: number;
  readonly #secretKey: KeyObject;
  readonly #now: UnixTime | undefined;

  constructor({ sdkAppId, secretKey, now }: TicketIssuerOptions) {
    requireWhole('sdkAppId', sdkAppId, 1, maxU32);
    requireText('secretKey', secretKey);
    this.#sdkAppId = sdkAppId;
    this.#secretKey = createSecretKey(secretKey, 'utf8');
    this.#now = now;
  }

  /**
   * A UserSig: proves who the user is, for `expire` seconds from now.
   *
   * @example
   * ```ts
   * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
   * decodeTicket(issuer.genUserSig('ana', 86_400)).kind; // 'userSig'
   * ```
   */
  genUserSig(userId: string, expire: number): string {
    requireUserId(userId);
    requireWhole('expire', expire, 0, maxU32);
    return this.#issue(userId, expire, this.#time());
  }

  /**
   * A PrivateMapKey: lets the user into the room with this number, with the permissions of `privilegeMap`
   * (0 to 255, the sum of `Permission` bits), for `expire` seconds from now.
   *
   * `roomId` is 1 to 2^32 − 1. The expiry must lie before 2^32, which is in the year 2106.
   *
   * @example
   * ```ts
   * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
   * decodeTicket(issuer.genPrivateMapKey('ana', 86_400, 123, presets.anchor)).userbuf?.roomId; // 123
   * ```
   */
  genPrivateMapKey(userId: string, expire: number, roomId: number, privilegeMap: number): string {
    requireWhole('roomId', roomId, 1, maxU32);
    return this.#issueForRoom(userId, expire, roomId, privilegeMap);
  }

  /**
   * As {@link genPrivateMapKey}, for a room named by a text. Room "123" is not room 123.
   *
   * @example
   * ```ts
   * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
   * const key = issuer.genPrivateMapKeyWithStringRoomID('ana', 86_400, 'board-meeting', presets.audience);
   * decodeTicket(key).userbuf?.strRoomId; // 'board-meeting'
   * ```
   */
  genPrivateMapKeyWithStringRoomID(
    userId: string,
    expire: number,
    strRoomId: string,
    privilegeMap: number,
  ): string {
    if (typeof strRoomId !== 'string') throw new TypeError('strRoomId must be a text.');
    if (!isWellFormed(strRoomId)) throw new RangeError('strRoomId has an unpaired surrogate.');
    return this.#issueForRoom(userId, expire, strRoomId, privilegeMap);
  }

  #issueForRoom(userId: string, expire: number, room: Room, privilegeMap: number): string {
    requireUserId(userId);
    requireWhole('privilegeMap', privilegeMap, 0, lowByte);
    const time = this.#time();
    requireWhole('expire', expire, 0, maxU32 - time);
    const expiresAt = time + expire;
    const userbuf = encodeUserbuf({ userId, sdkAppId: this.#sdkAppId, room, expiresAt, privilegeMap });
    return this.#issue(userId, expire, time, userbuf);
  }

  #issue(userId: string, expire: number, time: number, userbuf?: string): string {
    const document = { userId, sdkAppId: this.#sdkAppId, time, expire, userbuf };
    return seal(printDocument({ ...document, sig: sign(document, this.#secretKey) }));
  }

  #time(): number {
    const time = secondsOf(this.#now);
    requireWhole('now', time, 0, maxU32);
    return time;
  }
}

function requireUserId(userId: string): void {
  requireText('userId', userId);
  if (!isSafeUserId(userId)) throw new TicketError('unsafe');
}
