/**
 * How the model judges keys: what is refused, what was revoked, what operators took.
 *
 * @module
 */

import { namesOf } from './model-permissions.fixture.ts';
import type { ModelMember, ModelState } from './model-state.fixture.ts';
import type { ModelKey } from './race-changes.fixture.ts';

/** What became of a secret key. */
export const secretKeyState = (
  { secretKeys }: ModelState,
  keyId: string,
): 'active' | 'retired' | 'compromised' => secretKeys.get(keyId) ?? 'active';

/** Whether somebody who knows a stolen secret key may have signed what a member shows. */
export const isSignedByThieves = (
  state: ModelState,
  { signedBy, isEnforced, carried }: ModelMember,
): boolean => {
  const isStolen = (keyId: string) => secretKeyState(state, keyId) === 'compromised';
  return isStolen(signedBy) || (isEnforced && isStolen(carried.signedBy));
};

/** Whether one of the marks makes tickets void that were issued at that second. */
export const isVoid = ({ marks }: ModelState, issued: number, targets: readonly string[]): boolean =>
  targets.some((target) => issued <= (marks.get(target) ?? -1));

/** Why a key is not good for anybody who is inside or enters; undefined: it is. */
export function refusalOf(
  state: ModelState,
  user: string,
  { bits, issued, expires, isOfThisRoom, signedBy }: ModelKey,
): string | undefined {
  if (!isOfThisRoom) return 'room';
  if (secretKeyState(state, signedBy) !== 'active') return 'forged';
  if (state.now > expires) return 'expired';
  if (isVoid(state, issued, ['application', user, 'room'])) return 'revoked';
  return namesOf(bits).includes('enterRoom') ? undefined : 'enterRoom';
}

/** What operators have taken from a user. */
export function deniedTo({ denied, now }: ModelState, user: string): readonly string[] {
  const denial = denied.get(user);
  return denial && denial.until > now ? denial.names : [];
}
