import {
  type ErrorName,
  isRoomId,
  isStrRoomId,
  isUserId,
  type Params,
  type RoomRef,
  roomKey,
  ServiceError,
} from '@roomkey/protocol';
import {
  type PrivateMapKeyClaims,
  TicketError,
  type UserSigClaims,
  type VerifyPrivateMapKeyOptions,
  verifyPrivateMapKey,
  verifyUserSig,
} from '@roomkey/tickets';
import {
  beyondHeld,
  entryNeeds,
  lowByte,
  missing,
  type Operands,
  parseAuthority,
  roleMask,
} from '@roomkey/tickets/permissions';
import type { Application, PermissionControl } from './ports.ts';

type Request = Params<'enter'>;

/** What a good pair of tickets gives: who enters, with which bits, signed by which keys. */
export interface Admission {
  readonly userId: string;
  readonly operands: Operands;
  readonly userSigKeyId: string;
  /** Undefined where the PrivateMapKey is not enforced. */
  readonly privateMapKeyKeyId: string | undefined;
  /** In `observe`: the refusal that `enforce` would have been. */
  readonly observed: ErrorName | undefined;
}

/** The room that an entry names. A `roomId` goes before a `strRoomId`, as with the vendor's web SDK. */
export function requestedRoom({ roomId, strRoomId }: Pick<Request, 'roomId' | 'strRoomId'>): RoomRef {
  if (roomId !== undefined) {
    if (!isRoomId(roomId)) throw new ServiceError('roomIdIllegal');
    return { roomId };
  }
  if (strRoomId === undefined) throw new ServiceError('roomIdMissing');
  if (!isStrRoomId(strRoomId)) throw new ServiceError('strRoomIdIllegal');
  return { strRoomId };
}

/** The permission control of one room: the room's own, else the application's. */
const controlOf = (application: Application, room: RoomRef): PermissionControl =>
  application.roomControls.get(roomKey(room)) ?? application.permissionControl;

/**
 * Checks an entry up to the permission bits, in this order: user id, UserSig, PrivateMapKey (under `enforce`),
 * the enter bit, the create bit if the room is new, the bits asked for. Pure: everything it needs is an argument.
 *
 * @param at.now unix milliseconds
 * @throws {ServiceError} of the first check that fails
 */
export function checkEntry(
  request: Request,
  at: {
    readonly application: Application;
    readonly room: RoomRef;
    readonly exists: boolean;
    readonly now: number;
  },
): Admission {
  const { application, room, exists, now } = at;
  if (!isUserId(request.userId)) throw new ServiceError('userIdIllegal');

  const active = application.keys.filter((key) => key.state === 'active');
  const expected = {
    sdkAppId: application.sdkAppId,
    secretKeys: active.map((key) => key.secret),
    userId: request.userId,
    now: Math.floor(now / 1000),
  };
  const keyId = (claims: UserSigClaims) => (active[claims.key] as (typeof active)[number]).keyId;

  if (request.userSig === '') throw new ServiceError('userSigMissing');
  const userSig = verified('userSig', () => verifyUserSig(request.userSig, expected));

  const control = controlOf(application, room);
  const privateMapKey = () => readPrivateMapKey(request, { ...expected, ...room });
  const admit = (key: PrivateMapKeyClaims | undefined) =>
    operandsFor(request, { key, control, exists, since: now });
  const common = { userId: request.userId, userSigKeyId: keyId(userSig) };
  if (control === 'enforce') {
    const key = privateMapKey();
    return { ...common, operands: admit(key), privateMapKeyKeyId: keyId(key), observed: undefined };
  }
  const operands = admit(undefined);
  const observed = control === 'observe' ? refusalOf(() => admit(privateMapKey())) : undefined;
  return { ...common, operands, privateMapKeyKeyId: undefined, observed };
}

function readPrivateMapKey(request: Request, expected: VerifyPrivateMapKeyOptions): PrivateMapKeyClaims {
  const { privateMapKey } = request;
  if (!privateMapKey) throw new ServiceError('privateMapKeyMissing');
  return verified('privateMapKey', () => verifyPrivateMapKey(privateMapKey, expected));
}

/** The operands at entry; `key` is undefined where permission control does not enforce one. */
function operandsFor(
  request: Request,
  at: { key: PrivateMapKeyClaims | undefined; control: PermissionControl; exists: boolean; since: number },
): Operands {
  const { key, control, exists, since } = at;
  const held = key?.permissions ?? lowByte;
  const [permission] = missing(held, entryNeeds(exists)).reverse();
  if (permission) {
    const code = permission === 'enterRoom' ? 'enterRoomDenied' : 'createRoomDenied';
    throw new ServiceError(code, undefined, { data: { permission } });
  }
  const actor = request.userId;
  const none = { bits: 0, cause: 'none', actor: 'system', since };
  return {
    held: key
      ? { bits: held, cause: 'privateMapKey', actor, since }
      : { bits: held, cause: `permissionControl:${control}`, actor: 'system', since },
    role: {
      bits: roleMask(request.scene, request.role),
      cause: `${request.scene}:${request.role}`,
      actor,
      since,
    },
    authority: { ...authorityOf(request, held), actor, since },
    denied: none,
    lapsed: none,
    capped: none,
  };
}

function authorityOf({ authBits }: Request, held: number): { bits: number; cause: string } {
  if (authBits === undefined) return { bits: lowByte, cause: 'default' };
  const authority = parsedAuthority(authBits);
  const [permission] = beyondHeld(authority, held);
  if (permission) throw new ServiceError('authBitsBeyondHeld', undefined, { data: { permission } });
  return { bits: authority.bits, cause: authority.isDefault ? 'default' : 'authBits' };
}

function parsedAuthority(authBits: number | string): ReturnType<typeof parseAuthority> {
  // BigInt also takes an empty text, spaces and other bases.
  if (typeof authBits === 'string' && !/^-?\d+$/.test(authBits)) throw new ServiceError('authBitsIllegal');
  try {
    return parseAuthority(typeof authBits === 'string' ? BigInt(authBits) : authBits);
  } catch (cause) {
    throw new ServiceError('authBitsIllegal', undefined, { cause });
  }
}

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

function refusalOf(check: () => unknown): ErrorName | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}
