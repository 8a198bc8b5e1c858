import { allows, type Direction, type Slot, slotNeeds } from '@roomkey/tickets/permissions';
import { observedEffective } from '../access/index.ts';
import type { Observation } from './record/observation.ts';
import type { Member } from './state/member.ts';
import { slotDenied } from './state/track.ts';

/**
 * Holds that a member may use a slot; what `enforce` would refuse where keys are only observed is told and let pass.
 *
 * @throws {ServiceError} `send…Denied`, `recv…Denied`
 */
export function requireSlot(
  member: Member,
  direction: Direction,
  slot: Slot,
  observation: Observation,
): void {
  if (!member.may(direction, slot)) throw slotDenied(direction, slot, member.effective);
  const bits = observedEffective(member);
  if (bits !== undefined && !allows(bits, slotNeeds(direction, slot)))
    observation.wouldRefuse(member, slotDenied(direction, slot, bits).code);
}
