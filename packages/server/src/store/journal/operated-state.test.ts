import { describe, expect, test } from 'vitest';
import { OperatedState } from './operated-state.ts';

const NOW = 1_800_000_000_000;

/** What records lead to, by subject. */
function heldAfter(records: readonly object[], now = NOW): Record<string, string> {
  const state = new OperatedState();
  for (const [index, record] of records.entries()) {
    const {
      kind,
      room = null,
      userId = null,
      ...rest
    } = record as { kind: string; room?: string; userId?: string };
    state.follow({
      seq: index + 1,
      at: 0,
      kind,
      sdkAppId: 7,
      room,
      userId,
      id: null,
      body: JSON.stringify(rest),
    });
  }
  const held = [...state.subjects].map((subject) => [subject, state.at(subject, now)?.value]);
  return Object.fromEntries(held.filter(([, value]) => value !== undefined));
}

const denied = (mask: number, version: number) => ({
  kind: 'denied',
  room: 'n:1',
  userId: 'bob',
  operands: { denied: [0, mask] },
  details: { version, expiresAt: NOW + 1 },
});
const banned = { kind: 'banned', userId: 'bob', details: { until: NOW + 5 } };

describe('what records lead to', () => {
  test('of an application: its settings, keys and rooms, each as it was changed last', () => {
    const application = (cause: string, details: object, room?: string) => ({
      kind: 'application',
      cause,
      details,
      room,
    });
    const records = [
      application('create', { name: 'seven', permissionControl: 'enforce', keyId: 'k1' }),
      application('addKey', { keyId: 'k2' }),
      application('set', { permissionControl: 'off' }),
      application('setKeyState', { keyId: 'k1', state: 'retired' }),
      application('setRoomControl', { permissionControl: 'observe' }, 'n:1'),
      application('setRoomControl', { permissionControl: 'observe' }, 's:a b'),
      application('clearRoomControl', {}, 'n:1'),
    ];
    expect(heldAfter(records)).toEqual({
      'application 7 name': 'seven',
      'application 7 permissionControl': 'off',
      'application 7 key k1': 'retired',
      'application 7 key k2': 'active',
      'application 7 room s:a b': 'observe',
    });
  });

  test('of denials, bans and revocations: the newest, until it is lifted or over', () => {
    const revoked = { kind: 'revoked', room: 'n:1', details: { tickets: 'room', before: 5 } };
    const records = [denied(4, 1), denied(12, 2), banned, { ...banned, room: 'n:1' }, revoked];
    const all = {
      'denial 7 n:1 bob': `mask 12, version 2, until ${NOW + 1}`,
      'ban 7 * bob': String(NOW + 5),
      'ban 7 n:1 bob': String(NOW + 5),
      'revocation 7 r:n:1': '5',
    };
    expect(heldAfter(records)).toEqual(all);
    const { 'denial 7 n:1 bob': _, ...later } = all;
    expect(heldAfter(records, NOW + 1)).toEqual(later);
    const { 'ban 7 * bob': __, ...lifted } = later;
    expect(heldAfter([...records, { kind: 'unbanned', userId: 'bob' }], NOW + 1)).toEqual(lifted);
    const ended = { kind: 'expired', room: 'n:1', userId: 'bob', details: { ended: 'denial' } };
    expect(heldAfter([...records, ended])).toEqual(later);
  });

  test('is not changed by a record that cannot be read, or is of another kind', () => {
    expect(heldAfter([denied(4, 1), { kind: 'left' }, { kind: 'unreadable' }])).toEqual(
      heldAfter([denied(4, 1)]),
    );
    const state = new OperatedState();
    state.follow({
      seq: 1,
      at: 0,
      kind: 'banned',
      sdkAppId: 7,
      room: null,
      userId: 'x',
      id: null,
      body: '{',
    });
    expect([...state.subjects]).toEqual([]);
  });
});

describe('who decided what holds, since when and why', () => {
  const actor = { type: 'operator', id: 'olga' };
  const by = { actor, cause: 'loud' };
  const after = (...records: object[]) => {
    const state = new OperatedState();
    for (const [index, { kind, ...rest }] of (records as { kind: string }[]).entries())
      state.follow({
        seq: index + 1,
        at: 5,
        kind,
        sdkAppId: 7,
        room: 'n:1',
        userId: 'bob',
        id: null,
        body: JSON.stringify(rest),
      });
    return [...state.subjects].map((subject) => state.at(subject, NOW)?.by);
  };
  const deniedBy = (since: number, more: object = {}) => ({
    ...denied(4, 1),
    ...by,
    ...more,
    details: { version: 1, expiresAt: NOW + 1, since },
  });

  test('is what the record says, or an earlier one when nothing was taken', () => {
    const text = 'by operator "olga" since 3 because "loud"';
    expect(after(deniedBy(3))).toEqual([text]);
    const back = deniedBy(3, { actor: { type: 'operator', id: 'otto' } });
    const given = { ...back, details: { ...back.details, decidedBefore: true } };
    expect(after(deniedBy(3), given)).toEqual([text]);
    expect(after({ ...banned, ...by })).toEqual(['by operator "olga" since 5 because "loud"']);
    expect(after({ ...banned, ...by, actor: { type: 'system' } })).toEqual([
      'by system since 5 because "loud"',
    ]);
  });

  test('is not known of records that do not say all of it', () => {
    expect(after(denied(4, 1))).toEqual([undefined]);
    expect(after({ ...banned, ...by, actor: 'olga' })).toEqual([undefined]);
  });
});

describe('a record that says an older one again', () => {
  const standing = (of: number, value?: string) => ({
    kind: 'standing',
    details: { subject: 'ban 7 * bob', of, value, end: NOW + 5 },
  });

  test('takes its place', () => {
    expect(heldAfter([standing(1, 'kept')])).toEqual({ 'ban 7 * bob': 'kept' });
    expect(heldAfter([banned, standing(1, 'kept')])).toEqual({ 'ban 7 * bob': 'kept' });
    expect(heldAfter([banned, standing(1)])).toEqual({});
  });

  test('says nothing when a newer one came before it', () => {
    const newer = { ...banned, details: { until: NOW + 9 } };
    expect(heldAfter([banned, newer, standing(1, 'kept')])).toEqual({ 'ban 7 * bob': String(NOW + 9) });
    expect(heldAfter([banned, { kind: 'unbanned', userId: 'bob' }, standing(1, 'kept')])).toEqual({});
  });
});

test('what was said again while it changed does not count either when the record of the change is deleted', () => {
  const subject = 'ban 7 * bob';
  const said = (state: OperatedState, seq: number, { kind, ...rest }: { readonly kind: string }) =>
    state.follow({
      seq,
      at: 0,
      kind,
      sdkAppId: 7,
      room: null,
      userId: 'bob',
      id: null,
      body: JSON.stringify(rest),
    });
  const standing = (of: number, value?: number) => ({ kind: 'standing', details: { subject, of, value } });
  const stale = standing(1, NOW + 5);
  const holds = (state: OperatedState) => state.at(subject, NOW)?.value;

  const lifted = new OperatedState();
  for (const [index, record] of [banned, { kind: 'unbanned' }, stale].entries())
    said(lifted, index + 1, record);
  expect([holds(lifted), [...lifted.endedBefore(2)], lifted.lastOf(subject)]).toEqual([
    undefined,
    [subject],
    3,
  ]);
  expect([...lifted.endedBefore(3)]).toEqual([]);
  const later = new OperatedState();
  said(later, 3, stale);
  said(later, 4, standing(3));
  expect(holds(later)).toBeUndefined();

  const longer = { ...banned, details: { until: NOW + 9 } };
  const changed = new OperatedState();
  for (const [index, record] of [banned, longer, stale].entries()) said(changed, index + 1, record);
  expect([holds(changed), changed.lastOf(subject)]).toEqual([`${NOW + 9}`, 3]);
  const restated = new OperatedState();
  said(restated, 3, stale);
  said(restated, 4, standing(3, NOW + 9));
  expect(holds(restated)).toBe(`${NOW + 9}`);
});
