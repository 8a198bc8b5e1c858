import { type PermissionName, permissionNames } from '@roomkey/tickets/permissions';
import { bitLabels } from './bit.ts';
import type { Explanation } from './light.ts';
import type { Refusal } from './refusal.ts';

/** What the visitor does before entering again, by the operand that keeps the bit from being in force. */
const steps: Readonly<Record<string, (bit: PermissionName) => string>> = {
  held: (bit) => `switch on “${bitLabels[bit]}” in the ticket`,
  role: () => 'choose the role Anchor',
  lapsed: () => 'get a new ticket',
};

/** What nobody can help by entering again. */
const facts: Readonly<Record<string, string>> = {
  denied: 'An operator took the permission away.',
  capped: 'As many send as the room allows; wait until one stops.',
};

/** A refusal for want of a permission with what can be done about it in this room; every other one as it is. */
export function advised(refusal: Refusal, { cleared }: Explanation): Refusal {
  const bit = bitBehind(refusal.cause);
  if (!bit) return refusal;
  const operands = cleared.filter(({ permission }) => permission === bit).map(({ operand }) => operand);
  const todo = operands.flatMap((operand) => steps[operand]?.(bit) ?? []);
  const told = operands.flatMap((operand) => facts[operand] ?? []);
  if (todo.length > 0 && told.length === 0) told.push(`Leave, ${todo.join(', ')}, and enter again.`);
  return { ...refusal, sentence: [refusal.sentence, ...told].join(' ') };
}

const bitBehind = (cause: string): PermissionName | undefined =>
  cause === 'screenSoundDenied' ? 'sendAudio' : permissionNames.find((name) => cause === `${name}Denied`);
