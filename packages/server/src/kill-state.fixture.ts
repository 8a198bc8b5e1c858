import { type JournalEntry, roomKey } from '@roomkey/protocol';
import type { StoredApplication, StoredRestrictions } from './ports/index.ts';
import type { DataDirectory } from './store/index.ts';

/** What operators have brought about, as plain values by name. What has ended at a time is left out. */
interface OperatedState {
  readonly [name: string]: string | number | readonly (string | number)[];
}

/** What the records of a journal lead to. Written from docs/journal.md and not from the code. */
export function stateOfJournal(records: readonly JournalEntry[], now: number): OperatedState {
  const state = new Map<string, OperatedState[string]>();
  const ends = new Map<string, number>();
  for (const record of records) {
    const { kind, cause, sdkAppId, userId, operands, details = {} } = record;
    const room = record.room ? roomKey(record.room) : '';
    const app = `app ${sdkAppId}`;
    const denial = `denial ${sdkAppId} ${room} ${userId}`;
    const ban = `ban ${sdkAppId} ${room} ${userId}`;
    if (kind === 'application') {
      const { keyId, state: keyState, ...settings } = details;
      if (cause === 'create' || cause === 'addKey') state.set(`${app} key ${keyId}`, 'active');
      if (cause === 'setKeyState') state.set(`${app} key ${keyId}`, String(keyState));
      if (cause === 'setRoomControl') state.set(`${app} room ${room}`, String(details['permissionControl']));
      if (cause === 'clearRoomControl') state.delete(`${app} room ${room}`);
      if (cause === 'create' || cause === 'set')
        for (const [name, value] of Object.entries(settings)) state.set(`${app} ${name}`, value as string);
    } else if (kind === 'denied') {
      ends.set(denial, Number(details['expiresAt']));
      state.set(denial, [operands?.['denied']?.[1] ?? -1, Number(details['version'])]);
    } else if (kind === 'banned') {
      ends.set(ban, Number(details['until']));
      state.set(ban, Number(details['until']));
    } else if (kind === 'unbanned') state.delete(ban);
    else if (kind === 'expired' && details['ended']) state.delete(details['ended'] === 'ban' ? ban : denial);
    else if (kind === 'revoked') {
      const target = { application: 'a', user: `u:${userId}`, room: `r:${room}` }[String(details['tickets'])];
      state.set(`revocation ${sdkAppId} ${target}`, Number(details['before']));
    }
  }
  for (const [name, end] of ends) if (end <= now) state.delete(name);
  return sorted(state);
}

/** What the stores hold. */
export function stateOfStores(
  applications: readonly StoredApplication[],
  { denials, bans, revocations }: StoredRestrictions,
  now: number,
): OperatedState {
  const state = new Map<string, OperatedState[string]>();
  for (const { sdkAppId, keys, roomControls, createdAt, version, ...settings } of applications) {
    for (const [name, value] of Object.entries(settings)) state.set(`app ${sdkAppId} ${name}`, value);
    for (const { keyId, state: keyState } of keys) state.set(`app ${sdkAppId} key ${keyId}`, keyState);
    for (const [room, control] of roomControls) state.set(`app ${sdkAppId} room ${room}`, control);
  }
  for (const { sdkAppId, room, userId, mask, version, expiresAt } of denials)
    if (expiresAt > now) state.set(`denial ${sdkAppId} ${room} ${userId}`, [mask, version]);
  for (const { sdkAppId, room = '', userId, until } of bans)
    if (until > now) state.set(`ban ${sdkAppId} ${room} ${userId}`, until);
  for (const { sdkAppId, target, at } of revocations) state.set(`revocation ${sdkAppId} ${target}`, at);
  return sorted(state);
}

/** All records, the oldest first. */
export async function recordsOf({ journalReader }: DataDirectory): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = await journalReader.list({ filter: {}, order: 'oldest', after, limit: 500 });
    all.push(...page.records);
    after = page.next;
  }
  return all;
}

const sorted = (state: ReadonlyMap<string, OperatedState[string]>): OperatedState =>
  Object.fromEntries([...state].sort(([a], [b]) => (a < b ? -1 : 1)));
