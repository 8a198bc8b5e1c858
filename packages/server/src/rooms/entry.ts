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
import { entryNeeds, missing, type Operands } from '@roomkey/tickets/permissions';
import { authorityOperand, heldOperand, nothingTaken, roleOperand } from './operands.ts';
import type { Application, PermissionControl } from './ports.ts';
import { checkPrivateMapKey, checkUserSig, type HeldKey, refusalOf } from './ticket-check.ts';

type Request = Params<'enter'>;

/** What a good pair of tickets gives: who enters, with which bits, signed by which keys. */
export interface Admission {
  readonly userId: string;
  readonly operands: Operands;
  readonly userSigKeyId: string;
  /** Undefined where the PrivateMapKey is not enforced. */
  readonly key: HeldKey | undefined;
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
export const controlOf = (application: Application, room: RoomRef): PermissionControl =>
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
  const { userId } = request;
  if (!isUserId(userId)) throw new ServiceError('userIdIllegal');
  const context = { application, userId, now };
  const userSigKeyId = checkUserSig(request.userSig, context);

  const control = controlOf(application, room);
  const checkedKey = () => checkPrivateMapKey(request.privateMapKey, context, room);
  const admit = (key: HeldKey | undefined) => operandsAtEntry(request, { key, control, exists, now });
  if (control === 'enforce') {
    const key = checkedKey();
    return { userId, userSigKeyId, key, operands: admit(key), observed: undefined };
  }
  const operands = admit(undefined);
  const observed = control === 'observe' ? refusalOf(() => admit(checkedKey())) : undefined;
  return { userId, userSigKeyId, key: undefined, operands, observed };
}

/**
 * Holds that bits allow entering.
 *
 * @throws {ServiceError} `enterRoomDenied`, `createRoomDenied`
 */
export function requireEntryBits(held: number, roomExists: boolean): void {
  const [permission] = missing(held, entryNeeds(roomExists)).reverse();
  if (!permission) return;
  const code = permission === 'enterRoom' ? 'enterRoomDenied' : 'createRoomDenied';
  throw new ServiceError(code, undefined, { data: { permission } });
}

function operandsAtEntry(
  { userId: actor, scene, role, authBits }: Request,
  at: { key: HeldKey | undefined; control: PermissionControl; exists: boolean; now: number },
): Operands {
  const origin = { actor, since: at.now };
  const held = heldOperand(at.key, at.control, origin);
  requireEntryBits(held.bits, at.exists);
  const none = nothingTaken(at.now);
  return {
    held,
    role: roleOperand(scene, role, origin),
    authority: authorityOperand(authBits, held.bits, origin),
    denied: none,
    lapsed: none,
    capped: none,
  };
}
