import { type Actor, sameActor, systemActor } from './actor.ts';
import { allows, lowByte, Permission, type PermissionName, permissionNames, sendBits } from './permission.ts';

export type Scene = 'rtc' | 'live';

export type Role = 'anchor' | 'audience';

/** One operand of {@link effective}: its bits, and why, by whom and since when they are so. */
export interface Operand {
  readonly bits: number;
  /** A stable code for the reason. */
  readonly cause: string;
  /** Who brought it about. */
  readonly actor: Actor;
  /** Unix milliseconds. */
  readonly since: number;
}

/**
 * An operand that takes nothing away, since a time in unix milliseconds.
 *
 * @example
 * ```ts
 * nothingTaken(0).bits; // 0
 * ```
 */
export const nothingTaken = (since: number): Operand => ({
  bits: 0,
  cause: 'none',
  actor: systemActor,
  since,
});

/** The first three name what a member may do, the last three what is taken from that. */
export interface Operands {
  /** The permission byte of the current PrivateMapKey; all eight where keys are not enforced. */
  readonly held: Operand;
  /** {@link roleMask} of scene and role. */
  readonly role: Operand;
  /** What the member asked for. */
  readonly authority: Operand;
  /** What an operator took away. */
  readonly denied: Operand;
  /** What went with the expiry of the key. */
  readonly lapsed: Operand;
  /** What went for want of capacity. */
  readonly capped: Operand;
}

export type OperandName = keyof Operands;

/** A permission that is not in effect, and one operand that keeps it so. */
export interface Cleared {
  readonly permission: PermissionName;
  readonly operand: OperandName;
  readonly cause: string;
  readonly actor: Actor;
  readonly since: number;
}

export interface Explanation {
  readonly effective: number;
  readonly operands: Operands;
  /** Lowest bit first; a permission appears once for each operand that clears it. */
  readonly cleared: readonly Cleared[];
}

const granting = ['held', 'role', 'authority'] as const;
const taking = ['denied', 'lapsed', 'capped'] as const;

/**
 * The permission byte in force: `held & role & authority & ~denied & ~lapsed & ~capped`, low eight bits.
 * It never exceeds what is held.
 *
 * @example
 * ```ts
 * const all = { bits: 255, cause: 'key', actor: systemActor, since: 0 };
 * const none = nothingTaken(0);
 * const denied = { bits: 4, cause: 'too loud', actor: operatorActor('eve'), since: 0 };
 * effective({ held: all, role: all, authority: all, denied, lapsed: none, capped: none }); // 251
 * ```
 */
export function effective({ held, role, authority, denied, lapsed, capped }: Operands): number {
  return held.bits & role.bits & authority.bits & ~denied.bits & ~lapsed.bits & ~capped.bits & lowByte;
}

/**
 * {@link effective} with its operands, and for each permission not in effect all that clears it.
 *
 * @example
 * ```ts
 * const all = { bits: 255, cause: 'key', actor: systemActor, since: 0 };
 * const none = nothingTaken(0);
 * const denied = { bits: 4, cause: 'too loud', actor: operatorActor('eve'), since: 0 };
 * explain({ held: all, role: all, authority: all, denied, lapsed: none, capped: none }).cleared[0]?.cause; // 'too loud'
 * ```
 */
export function explain(operands: Operands): Explanation {
  const cleared: Cleared[] = [];
  for (const permission of permissionNames) {
    const bit = Permission[permission];
    const blame = (operand: OperandName) => {
      const { cause, actor, since } = operands[operand];
      cleared.push({ permission, operand, cause, actor, since });
    };
    for (const name of granting) if (!allows(operands[name].bits, bit)) blame(name);
    for (const name of taking) if (allows(operands[name].bits, bit)) blame(name);
  }
  return { effective: effective(operands), operands, cleared };
}

/**
 * Whether two sets of operands clear the same permissions, for the same reasons; since when does not matter.
 *
 * @example
 * ```ts
 * const all = { bits: 255, cause: 'key', actor: systemActor, since: 0 };
 * const none = nothingTaken(0);
 * const one = { held: all, role: all, authority: all, denied: none, lapsed: none, capped: none };
 * sameCleared(one, { ...one, denied: { ...none, since: 5 } }); // true
 * ```
 */
export function sameCleared(one: Operands, other: Operands): boolean {
  return (
    granting.every((name) =>
      sameReason(~one[name].bits & lowByte, ~other[name].bits & lowByte, one[name], other[name]),
    ) &&
    taking.every((name) =>
      sameReason(one[name].bits & lowByte, other[name].bits & lowByte, one[name], other[name]),
    )
  );
}

/** Whether two operands that clear these bits do so for the same reason. */
const sameReason = (cleared: number, otherCleared: number, one: Operand, other: Operand): boolean =>
  cleared === otherCleared &&
  (cleared === 0 || (one.cause === other.cause && sameActor(one.actor, other.actor)));

/**
 * What a role leaves: all eight bits, but for an audience member in scene `live`, who has no send bit.
 *
 * @example
 * ```ts
 * roleMask('live', 'audience'); // 171
 * roleMask('live', 'anchor'); // 255
 * ```
 */
export function roleMask(scene: Scene, role: Role): number {
  return scene === 'live' && role === 'audience' ? lowByte & ~sendBits : lowByte;
}
