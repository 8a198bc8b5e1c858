/**
 * The keys that members of the model carry: which key is taken in the place of which.
 *
 * @module
 */
import { deniedTo, refusalOf } from './model-keys.fixture.ts';
import type { ModelMember, ModelState } from './model-state.fixture.ts';
import type { ModelKey } from './race-changes.fixture.ts';

/** Takes a key that is given in the place of the carried one; false: it was refused. */
export function take(state: ModelState, user: string, member: ModelMember, key: ModelKey): boolean {
  const { control, banned } = state;
  if (control === 'off') {
    member.carried = key;
    return true;
  }
  const isNew = JSON.stringify(key) !== JSON.stringify(member.carried);
  const isUnwelcome = isNew && (banned.has(user) || deniedTo(state, user).includes('enterRoom'));
  const isOlder = (member.isEnforced || member.wasGood) && key.issued < member.carried.issued;
  const bad = refusalOf(state, user, key) !== undefined || isUnwelcome || isOlder;
  if (control === 'observe') {
    if (!bad || !isNew || !member.wasGood) observe(member, key, !bad);
    return true;
  }
  if (bad) return false;
  hold(member, key);
  return true;
}

/** A key that nobody has to carry: it is looked at. */
export function observe(member: ModelMember, key: ModelKey, isGood: boolean): void {
  member.carried = key;
  member.wasGood = isGood;
}

/** A key that holds: it is in force until it expires. */
export function hold(member: ModelMember, key: ModelKey): void {
  member.carried = key;
  member.isEnforced = true;
  member.wasGood = false;
  member.isLapsed = false;
  member.graceUntil = undefined;
}
