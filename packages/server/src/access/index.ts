/** Who may enter with which tickets, and what the tickets give. Decides only; changes nobody. */
export type { CarriedKey } from './carried-key.ts';
export { checkEntry, controlOf, requireEntryBits } from './entry-check.ts';
export { observedKey } from './observed-key.ts';
export { observedEffective, observedMissing } from './observed-permissions.ts';
export {
  authorityOperand,
  heldOperand,
  lapsedOperand,
  roleOperand,
  sameOperand,
} from './operands.ts';
export { requestedRoom } from './room-ref.ts';
export {
  fingerprintOf,
  refusalOf,
  refuseRevokedKey,
  revokedAs,
  type TicketContext,
  verifiedPrivateMapKey,
} from './ticket-check.ts';
export type { HeldKey, HeldUserSig } from './verified-ticket.ts';
