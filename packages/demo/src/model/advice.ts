import { type PermissionName, permissionNames } from '@roomkey/tickets/permissions';
import { bitLabels, holds } from './bit.ts';
import type { Explanation } from './light.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** What the visitor can do, by the operand that keeps the bit from being in force. */
const steps: Readonly<Record<string, (bit: PermissionName) => string>> = {
  held: (bit) => `Switch on “${bitLabels[bit]}” for your ticket, and press “Update ticket”.`,
  role: () => 'Become an anchor.',
  lapsed: () => 'Press “Update ticket”.',
};

/** What the visitor cannot help. */
const facts: Readonly<Record<string, string>> = {
  denied: 'An operator took the permission away.',
  capped: 'The room has reached its limit of senders. Wait until one stops.',
};

/** A refusal for want of a permission with what can be done about it in this room; every other one as it is. */
export function advised(refusal: Refusal, { cleared }: Explanation): Refusal {
  const bit = bitBehind(refusal.cause);
  if (!bit) return refusal;
  const operands = cleared.filter(({ permission }) => permission === bit).map(({ operand }) => operand);
  const todo = operands.flatMap((operand) => steps[operand]?.(bit) ?? []);
  const told = operands.flatMap((operand) => facts[operand] ?? []);
  const advice = told.length > 0 ? told : todo;
  return { ...refusal, sentence: [refusal.sentence, ...advice].join(' ') };
}

/** A refusal that was advised for other permissions; the same object where nothing else helps now. */
export function advisedAnew(refusal: Refusal, explanation: Explanation): Refusal {
  if (!bitBehind(refusal.cause)) return refusal;
  const anew = advised(refusalOf(refusal.cause), explanation);
  return anew.sentence === refusal.sentence ? refusal : anew;
}

/** Whether a refusal was for want of a permission that is in force now. */
export function isOutdated(refusal: Refusal, { effective }: Explanation): boolean {
  const bit = bitBehind(refusal.cause);
  return bit !== undefined && holds(effective, bit);
}

const bitBehind = (cause: string): PermissionName | undefined =>
  cause === 'screenSoundDenied' ? 'sendAudio' : permissionNames.find((name) => cause === `${name}Denied`);
