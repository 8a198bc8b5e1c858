import { open } from './envelope.ts';
import { lowByte } from './permissions/index.ts';
import { parseDocument } from './ticket-document.ts';
import { decodeUserbuf } from './userbuf.ts';

/** What a ticket says, without proof. Times are unix seconds. */
export interface DecodedTicket {
  readonly kind: 'userSig' | 'privateMapKey';
  readonly sdkAppId: number;
  readonly userId: string;
  readonly issuedAt: number;
  /** Seconds of validity from `issuedAt`. */
  readonly expire: number;
  /** `issuedAt + expire`. */
  readonly expiresAt: number;
  /** Only in a PrivateMapKey: its second, binary part. */
  readonly userbuf?: DecodedUserbuf;
}

/** The binary part of a PrivateMapKey. Bytes that are no UTF-8 are shown as U+FFFD. */
export interface DecodedUserbuf {
  /** The user again; unless it equals `userId` the ticket passes nowhere. */
  readonly account: string;
  readonly sdkAppId: number;
  /** The room, when it has a number (0 also stands for the empty text). */
  readonly roomId?: number;
  /** The room, when it has a text. */
  readonly strRoomId?: string;
  readonly expiresAt: number;
  /** The low eight bits of `privilegeMap`. */
  readonly permissions: number;
  /** All 32 bits as written. */
  readonly privilegeMap: number;
}

/**
 * Reads a ticket **without checking who signed it**: for people who look for a fault, never for a decision.
 *
 * @throws {TicketError} `malformed` or `unsafe`, exactly where the verifiers would.
 *
 * @example
 * ```ts
 * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret', now: () => 1_800_000_000 });
 * decodeTicket(issuer.genUserSig('ana', 60)).expiresAt; // 1800000060
 * ```
 */
export function decodeTicket(ticket: string): DecodedTicket {
  const { userId, sdkAppId, time, expire, userbuf: base64 } = parseDocument(open(ticket));
  const envelope = { sdkAppId, userId, issuedAt: time, expire, expiresAt: time + expire };
  if (base64 === undefined) return { kind: 'userSig', ...envelope };
  const { account, strRoomId, roomId, ...userbuf } = decodeUserbuf(base64);
  return {
    kind: 'privateMapKey',
    ...envelope,
    userbuf: {
      account: account.toString(),
      ...userbuf,
      ...(strRoomId ? { strRoomId: strRoomId.toString() } : { roomId }),
      permissions: userbuf.privilegeMap & lowByte,
    },
  };
}
