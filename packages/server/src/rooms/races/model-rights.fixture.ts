/**
 * What a member of the model may do.
 *
 * @module
 */
import type { Slot } from '@roomkey/tickets/permissions';
import { deniedTo } from './model-keys.fixture.ts';
import { names, namesOf, needs, sending } from './model-permissions.fixture.ts';
import type { ModelState } from './model-state.fixture.ts';

/** What a member may do if it has a place to send. */
export function mayWithAPlace(state: ModelState, user: string): string[] {
  const member = state.members.get(user);
  if (!member) return [];
  const { isEnforced, carried, role, asked, isLapsed } = member;
  const denied = deniedTo(state, user);
  return names.filter(
    (name) =>
      (!isEnforced || namesOf(carried.bits).includes(name)) &&
      !(role === 'audience' && sending.includes(name)) &&
      asked.includes(name) &&
      !denied.includes(name) &&
      !(isLapsed && sending.includes(name)),
  );
}

/** What a member may do. */
export function may(state: ModelState, user: string): string[] {
  const place = state.queue.indexOf(user);
  const isCapped = place < 0 || place >= state.places;
  return mayWithAPlace(state, user).filter((name) => !isCapped || !sending.includes(name));
}

/** Whether a member may use a slot. */
export function can(state: ModelState, user: string, direction: 'send' | 'recv', slot: Slot): boolean {
  const has = may(state, user);
  return needs[direction][slot].every((name) => has.includes(name));
}
