import { ServiceError } from '@roomkey/protocol';
import {
  type Authority,
  beyondHeld,
  lowByte,
  type Operand,
  parseAuthority,
  type Role,
  roleMask,
  type Scene,
  sameActor,
  sendBits,
  systemActor,
} from '@roomkey/tickets/permissions';
import type { Decision, PermissionControl } from '../ports/index.ts';
import type { HeldKey } from './verified-ticket.ts';

/** By whom and since when an operand is as it is; its cause follows from its kind. */
type Origin = Omit<Decision, 'cause'>;

/** Whether two operands are the same in all that is told of them; when nothing is taken, it does not matter since when. */
export const sameOperand = (one: Operand, other: Operand): boolean =>
  one.bits === other.bits &&
  one.cause === other.cause &&
  sameActor(one.actor, other.actor) &&
  (one.since === other.since || one.cause === 'none');

/** What the PrivateMapKey holds; without one that is enforced, everything. */
export const heldOperand = (key: HeldKey | undefined, control: PermissionControl, origin: Origin): Operand =>
  key
    ? { bits: key.permissions, cause: 'privateMapKey', ...origin }
    : { bits: lowByte, cause: `permissionControl:${control}`, actor: systemActor, since: origin.since };

export const roleOperand = (scene: Scene, role: Role, origin: Origin): Operand => ({
  bits: roleMask(scene, role),
  cause: `${scene}:${role}`,
  ...origin,
});

/** Takes the send bits of a member whose key has expired. */
export const lapsedOperand = (since: number): Operand => ({
  bits: sendBits,
  cause: 'keyExpired',
  actor: systemActor,
  since,
});

/**
 * What a member asks for of what it holds; `authBits` undefined asks for everything.
 *
 * @throws {ServiceError} `authBitsIllegal`, `authBitsBeyondHeld`
 */
export function authorityOperand(
  authBits: number | string | undefined,
  held: number,
  origin: Origin,
): Operand {
  const authority = authBits === undefined ? { bits: lowByte, isDefault: true } : parsedAuthority(authBits);
  const [permission] = beyondHeld(authority, held);
  if (permission) throw new ServiceError('authBitsBeyondHeld', undefined, { data: { permission } });
  return { bits: authority.bits, cause: authority.isDefault ? 'default' : 'authBits', ...origin };
}

function parsedAuthority(authBits: number | string): Authority {
  // BigInt also takes an empty text, spaces and other bases.
  if (typeof authBits === 'string' && !/^-?\d+$/.test(authBits)) throw new ServiceError('authBitsIllegal');
  try {
    return parseAuthority(typeof authBits === 'string' ? BigInt(authBits) : authBits);
  } catch (cause) {
    throw new ServiceError('authBitsIllegal', undefined, { cause });
  }
}
