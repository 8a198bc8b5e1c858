import { isUserId, type RoomRef, roomKey, ServiceError } from '@roomkey/protocol';
import {
  effective,
  entryNeeds,
  missing,
  nothingTaken,
  type Operand,
  type Operands,
  userActor,
} from '@roomkey/tickets/permissions';
import type { Admission, Application, PermissionControl, RestrictionReader } from '../ports/index.ts';
import { type ObservedKey, observedKey } from './observed-key.ts';
import { authorityOperand, heldOperand, roleOperand } from './operands.ts';
import { checkPrivateMapKey, checkUserSig } from './ticket-check.ts';
import type { HeldKey, HeldUserSig } from './verified-ticket.ts';

/** What a good pair of tickets gives: with which bits somebody enters, signed by which keys. */
export interface CheckedEntry {
  readonly operands: Operands;
  readonly userSig: HeldUserSig;
  /** Undefined where the PrivateMapKey is not enforced. */
  readonly key: HeldKey | undefined;
  /** In `observe`: what `enforce` would have made of the key. */
  readonly observed: ObservedKey | undefined;
}

/** The permission control of one room: the room's own, else the application's. */
export const controlOf = (application: Application, room: RoomRef): PermissionControl =>
  application.roomControls.get(roomKey(room)) ?? application.permissionControl;

/**
 * Checks an entry up to the permission bits, in this order: user id, UserSig, PrivateMapKey (under `enforce`),
 * bans, the enter bit, the create bit if the room is new, the bits asked for. Everything it needs is an argument.
 *
 * @param at.now unix milliseconds
 * @throws {ServiceError} of the first check that fails
 */
export function checkEntry(
  admission: Admission,
  at: {
    readonly application: Application;
    readonly restrictions: RestrictionReader;
    readonly exists: boolean;
    readonly now: number;
    /** Hears of the UserSig once it is good: what is refused after that was asked by this user. */
    readonly proven?: (userSig: HeldUserSig) => void;
  },
): CheckedEntry {
  const { application, restrictions, exists, now } = at;
  const { userId, room } = admission;
  if (!isUserId(userId)) throw new ServiceError('userIdIllegal');
  const context = { application, userId, restrictions, now };
  const userSig = checkUserSig(admission.userSig, context);
  at.proven?.(userSig);

  const control = controlOf(application, room);
  const checkedKey = () => checkPrivateMapKey(admission.privateMapKey, context, room);
  const where = { sdkAppId: application.sdkAppId, room: roomKey(room), userId };
  const admit = (key: HeldKey | undefined) => {
    if (restrictions.isBanned(where)) throw new ServiceError('banned');
    return operandsAtEntry(admission, { key, control, denied: restrictions.denied(where), exists, now });
  };
  if (control === 'enforce') {
    const key = checkedKey();
    return { userSig, key, operands: admit(key), observed: undefined };
  }
  const operands = admit(undefined);
  const observed = () => {
    const key = checkedKey();
    admit(key);
    return key;
  };
  return {
    userSig,
    key: undefined,
    operands,
    observed: control === 'observe' ? observedKey(observed) : undefined,
  };
}

/**
 * Holds that bits allow entering; `says` replaces the sentence of the refusal.
 *
 * @throws {ServiceError} `enterRoomDenied`, `createRoomDenied`
 */
export function requireEntryBits(bits: number, roomExists: boolean, says?: string): void {
  const [permission] = missing(bits, entryNeeds(roomExists)).reverse();
  if (!permission) return;
  const code = permission === 'enterRoom' ? 'enterRoomDenied' : 'createRoomDenied';
  throw new ServiceError(code, says, { data: { permission } });
}

function operandsAtEntry(
  { userId, scene, role, authBits }: Admission,
  at: { key: HeldKey | undefined; control: PermissionControl; denied: Operand; exists: boolean; now: number },
): Operands {
  const origin = { actor: userActor(userId), since: at.now };
  const held = heldOperand(at.key, at.control, origin);
  requireEntryBits(held.bits, at.exists);
  const none = nothingTaken(at.now);
  const operands = {
    held,
    role: roleOperand(scene, role, origin),
    authority: authorityOperand(authBits, held.bits, origin),
    denied: at.denied,
    lapsed: none,
    capped: none,
  };
  // Role and authority never take an entry bit: what lacks now was taken by an operator.
  requireEntryBits(effective(operands), at.exists, 'An operator took away the permission to enter this way.');
  return operands;
}
