import { type ErrorName, type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import { TicketError, ticketFingerprint, verifyPrivateMapKey, verifyUserSig } from '@roomkey/tickets';
import type { Application, RestrictionReader, SecretKey } from '../ports/index.ts';
import type { HeldKey, HeldUserSig } from './verified-ticket.ts';

/** What a ticket is held against. */
export interface TicketContext {
  readonly application: Application;
  readonly userId: string;
  readonly restrictions: Pick<RestrictionReader, 'revoked'>;
  /** Unix milliseconds. */
  readonly now: number;
}

/**
 * Checks a UserSig against the active keys of the application and the revocations.
 *
 * @throws {ServiceError} `userSig…`
 */
export function checkUserSig(userSig: string, context: TicketContext): HeldUserSig {
  if (userSig === '') throw new ServiceError('userSigMissing');
  const keys = activeKeys(context);
  const { issuedAt, key } = verified('userSig', () => verifyUserSig(userSig, expectedOf(context, keys)));
  refuseRevoked('userSig', context, { issuedAt });
  return { issuedAt, keyId: keyIdOf(keys, key), fingerprint: ticketFingerprint(userSig) };
}

/**
 * Checks a PrivateMapKey for one room against the active keys of the application and the revocations.
 *
 * @throws {ServiceError} `privateMapKey…`
 */
export function checkPrivateMapKey(
  ticket: string | undefined,
  context: TicketContext,
  room: RoomRef,
): HeldKey {
  const key = verifiedPrivateMapKey(ticket, context, room);
  refuseRevokedKey(key, context, room);
  return key;
}

/**
 * The first part of {@link checkPrivateMapKey}, and most of its work: everything but the revocations.
 *
 * @throws {ServiceError} `privateMapKey…`
 */
export function verifiedPrivateMapKey(
  ticket: string | undefined,
  context: TicketContext,
  room: RoomRef,
): HeldKey {
  if (!ticket) throw new ServiceError('privateMapKeyMissing');
  const keys = activeKeys(context);
  const expected = { ...expectedOf(context, keys), ...room };
  const claims = verified('privateMapKey', () => verifyPrivateMapKey(ticket, expected));
  const { permissions, issuedAt, expiresAt } = claims;
  const keyId = keyIdOf(keys, claims.key);
  return { permissions, issuedAt, expiresAt, keyId, fingerprint: ticketFingerprint(ticket) };
}

/** The second part of {@link checkPrivateMapKey}. @throws {ServiceError} `privateMapKeyRevoked`, `privateMapKeyIssuedInFuture` */
export function refuseRevokedKey({ issuedAt }: HeldKey, context: TicketContext, room: RoomRef): void {
  refuseRevoked('privateMapKey', context, { issuedAt, room: roomKey(room) });
}

/** The fingerprint of a text that may be a ticket; undefined when it is none. Checks nothing. */
export function fingerprintOf(text: string | undefined): string | undefined {
  try {
    return text ? ticketFingerprint(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The refusal of a ticket that passed its check and is revoked; undefined when it is not. */
export function revokedAs(
  ticket: 'userSig' | 'privateMapKey',
  { application: { sdkAppId }, userId, restrictions }: TicketContext,
  of: { readonly issuedAt: number; readonly room?: string },
): ErrorName | undefined {
  const verdict = restrictions.revoked({ sdkAppId, userId, ...of });
  if (verdict === undefined) return undefined;
  return verdict === 'early' ? `${ticket}IssuedInFuture` : `${ticket}Revoked`;
}

function refuseRevoked(...asked: Parameters<typeof revokedAs>): void {
  const code = revokedAs(...asked);
  if (code) throw new ServiceError(code);
}

/** The name of the refusal that a check throws, or undefined when it is good. */
export function refusalOf(check: () => unknown): ErrorName | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

const activeKeys = ({ application }: TicketContext): SecretKey[] =>
  application.keys.filter((key) => key.state === 'active');

const expectedOf = ({ application, userId, now }: TicketContext, keys: readonly SecretKey[]) => ({
  sdkAppId: application.sdkAppId,
  secretKeys: keys.map((key) => key.secret),
  userId,
  now: Math.floor(now / 1000),
});

const keyIdOf = (keys: readonly SecretKey[], index: number): string => (keys[index] as SecretKey).keyId;

const refusals = {
  malformed: 'Malformed',
  unsafe: 'Unsafe',
  forged: 'Forged',
  wrongApplication: 'WrongApplication',
  wrongUser: 'WrongUser',
  wrongRoom: 'WrongRoom',
  expired: 'Expired',
  issuedInFuture: 'IssuedInFuture',
  notAPrivateMapKey: 'IsUserSig',
  notAUserSig: 'IsPrivateMapKey',
} as const;

/** Runs a check of a ticket; a `TicketError` becomes the refusal of the same cause. */
function verified<T>(ticket: 'userSig' | 'privateMapKey', check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof TicketError)) throw cause;
    throw new ServiceError(`${ticket}${refusals[cause.reason]}` as ErrorName, undefined, { cause });
  }
}
