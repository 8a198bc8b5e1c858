import { effective, type OperandName, type Operands } from '@roomkey/tickets/permissions';
import { sameOperand } from '../../access/index.ts';
import type { Decided } from '../../ports/index.ts';

/** How what decides about a member's permissions has changed, who brought it about, and why. */
export interface PermissionChange extends Decided {
  /** The permission bytes in force. */
  readonly before: number;
  readonly after: number;
  /** The bits, before and after, of the operands that changed. */
  readonly operands: Readonly<Partial<Record<OperandName, readonly [number, number]>>>;
}

/** In the order in which one of several that changed is named as the cause. */
const operandNames: readonly OperandName[] = ['held', 'role', 'authority', 'denied', 'lapsed', 'capped'];

/**
 * What has changed from `was` to `is`; undefined: nothing. `by` is who changed what is denied: of what is given back the
 * operand does not say it.
 */
export function permissionChange(was: Operands, is: Operands, by?: Decided): PermissionChange | undefined {
  const names = operandNames.filter((name) => !sameOperand(was[name], is[name]));
  const [first] = names;
  if (!first) return undefined;
  const { actor, cause } = (first === 'denied' && by) || is[first];
  return {
    actor,
    cause: cause === 'none' ? `${first}:cleared` : cause,
    before: effective(was),
    after: effective(is),
    operands: Object.fromEntries(names.map((name) => [name, [was[name].bits, is[name].bits]])),
  };
}
