import { effective, missing, type Operands, type PermissionName } from '@roomkey/tickets/permissions';
import type { CarriedKey } from './carried-key.ts';

/** Whose key is observed. */
interface Observed {
  readonly privateMapKey: CarriedKey;
  readonly operands: Operands;
}

/** The permission byte that `enforce` would leave a member; undefined where keys are not observed, or this one would be refused. */
export function observedEffective({ privateMapKey, operands }: Observed): number | undefined {
  const { held } = privateMapKey.observed ?? {};
  return held && effective({ ...operands, held: { ...operands.held, bits: held.permissions } });
}

/** What a member has here that its key does not hold. Without the create bit, which is nothing to who is inside. */
export function observedMissing(member: Observed): PermissionName[] {
  const bits = observedEffective(member);
  if (bits === undefined) return [];
  return missing(bits, effective(member.operands)).filter((permission) => permission !== 'createRoom');
}
