/**
 * What leaving changes in the model: members who go, and places and tracks that go with what they may not do any more.
 *
 * @module
 */
import { sending } from './model-permissions.fixture.ts';
import { can, mayWithAPlace } from './model-rights.fixture.ts';
import type { ModelState } from './model-state.fixture.ts';

/** Members leave. `reason` is told to those who did not ask for it. */
export function remove(state: ModelState, users: readonly string[], reason?: string): void {
  const { members, sentOff } = state;
  const out = users.filter((user) => members.has(user));
  for (const user of out) {
    const connection = members.get(user)?.connection;
    if (reason && connection) sentOff.set(connection, reason);
    members.delete(user);
  }
  state.queue = state.queue.filter((user) => !out.includes(user));
  for (const { refused } of members.values())
    for (const wish of refused) if (out.includes(wish.split(' ')[0] ?? '')) refused.delete(wish);
}

/** Gives away the places, and ends the tracks of those who may not send them any more, after some have changed. */
export function settle(state: ModelState, changed: readonly string[] = [...state.members.keys()]): void {
  const { members } = state;
  const wants = (user: string) =>
    members.has(user) && mayWithAPlace(state, user).some((name) => sending.includes(name));
  const waive = new Set(changed.filter((user) => !wants(user)));
  const queue = state.queue.filter((user) => !waive.has(user));
  state.queue = [...new Set([...queue, ...changed.filter((user) => !waive.has(user))])];
  for (const user of changed) {
    const { tracks } = members.get(user) ?? {};
    for (const slot of tracks?.keys() ?? []) if (!can(state, user, 'send', slot)) tracks?.delete(slot);
  }
}
