import { ticketContext } from '@roomkey/testkit';
import { nothingTaken, operatorActor, sendBits, systemActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import type { Application, RestrictionReader } from '../../ports/index.ts';
import type { Member } from '../state/member.ts';
import { carryingMember, heldKey, NOW } from './carrying-member.fixture.ts';
import { roomKeys } from './room-keys.fixture.ts';
import { StandingChecks } from './standing-checks.ts';

const { application, issuer, sdkAppId } = ticketContext;

/** Checks in room 1 of an application, with what operators have taken. */
function checksOf(settings: Partial<Application> = {}, taken: Partial<RestrictionReader> = {}) {
  const { identity, context, keys } = roomKeys(settings, taken);
  const checks = new StandingChecks(identity, context, keys);
  const against = (member: Member, asked = false) => checks.application(member, application(settings), asked);
  return { checks, against };
}

const ticketOf = (bits: number) => issuer().genPrivateMapKey('ana', 300, 1, bits);
const carrying = (ticket: string | undefined) => {
  const member = carryingMember('ana');
  member.privateMapKey = { ticket };
  return member;
};
const off = { permissionControl: 'off' } as const;
const observe = { permissionControl: 'observe' } as const;
const expired = { expiresAt: NOW - 1 };

test.each([
  ['enforce', { ticket: 't', held: heldKey() }, false],
  ['enforce', { ticket: 't' }, true],
  ['enforce', { ticket: 't', observed: { held: heldKey() } }, true],
  ['observe', { ticket: 't', held: heldKey() }, false],
  ['observe', { ticket: 't' }, true],
  ['observe', { ticket: 't', observed: { held: heldKey() } }, false],
  ['off', { ticket: 't' }, false],
] as const)('under %s a member with %j has its key looked at: %s', (permissionControl, key, looks) => {
  const { checks } = checksOf();
  const member = carryingMember('ana');
  member.privateMapKey = key;
  expect(checks.looksAtKey(member, application({ permissionControl }))).toBe(looks);
});

test.each([
  ['the UserSig', { keyId: 'the-compromised' }, 'the-active'],
  ['the PrivateMapKey', { keyId: 'the-active' }, 'the-compromised'],
])('who has %s from a compromised key is out', (_, userSig, keyId) => {
  const { against } = checksOf();
  const member = carryingMember('ana', heldKey({ keyId }));
  Object.assign(member.identity.userSig, userSig);
  expect(against(member)).toEqual({ removal: { reason: 'ticket', cause: 'keyCompromised' } });
});

test('a key that is retired, or compromised and not this member’s, takes nothing', () => {
  const { against } = checksOf();
  const member = carryingMember('ana', heldKey({ keyId: 'the-retired' }));
  Object.assign(member.identity.userSig, { keyId: 'the-active' });
  expect(against(member)).toEqual({});
});

test('under enforce a key that was checked is held against its expiry', () => {
  const { against } = checksOf({ expiryPolicy: 'remove' });
  expect(against(carryingMember('ana', heldKey(expired)))).toEqual({
    removal: { reason: 'ticket', cause: 'privateMapKeyExpired' },
  });
  expect(against(carryingMember('ana', heldKey()))).toEqual({});
});

test('under enforce a key that was not checked is checked', () => {
  const { against } = checksOf();
  const ticket = ticketOf(42);
  expect(against(carrying(ticket))).toMatchObject({
    privateMapKey: { ticket, held: { permissions: 42 } },
    operands: { held: { bits: 42, cause: 'privateMapKey' }, lapsed: { bits: 0 } },
  });
  expect(against(carrying('x'))).toEqual({
    privateMapKey: { ticket: 'x' },
    keyRequired: 'privateMapKeyMalformed',
  });
  expect(against(carrying(ticketOf(1)))).toMatchObject({ keyRequired: 'enterRoomDenied' });
});

test('where control is switched off everything is given, once', () => {
  const { against } = checksOf(off);
  const member = carryingMember('ana', heldKey());
  const since = NOW * 1000;
  const held = { bits: 255, cause: 'permissionControl:off', actor: systemActor, since };
  const verdict = against(member);
  expect(verdict).toEqual({
    privateMapKey: { ticket: 'a ticket' },
    operands: { held, lapsed: nothingTaken(since) },
    keyNotRequired: true,
  });
  member.operands = { ...member.operands, held };
  expect(against(member)).toEqual({});
  expect(against(member, true)).toMatchObject({ keyNotRequired: true });
});

test('under observe the key of who comes from enforce is observed', () => {
  const { against } = checksOf(observe);
  const ticket = ticketOf(42);
  expect(against(carrying(ticket))).toMatchObject({
    privateMapKey: { ticket, observed: { held: { permissions: 42 } } },
    operands: { held: { bits: 255, cause: 'permissionControl:observe' } },
    keyNotRequired: true,
  });
});

test('an observed key that is revoked or compromised meanwhile would be refused', () => {
  const held = { ...carryingMember('ana').operands.held, cause: 'permissionControl:observe' };
  const observing = (keyId: string) => {
    const member = carryingMember('ana');
    member.operands = { ...member.operands, held };
    member.privateMapKey = { ticket: 't', observed: { held: heldKey({ keyId }) } };
    return member;
  };
  const { against, checks } = checksOf(observe);
  const refused = (refusal: string) => ({
    privateMapKey: { ticket: 't', observed: { refusal } },
    wouldRefuse: refusal,
  });
  expect(against(observing('the-active'))).toEqual({});
  expect(against(observing('the-compromised'))).toEqual(refused('keyCompromised'));
  expect(checks.restrictions(observing('the-compromised'))).toEqual(refused('keyCompromised'));
  const revoking = checksOf(observe, { revoked: ({ room: where }) => (where ? 'revoked' : undefined) });
  expect(revoking.against(observing('the-active'))).toEqual(refused('privateMapKeyRevoked'));
});

test.each([
  ['keep', {}],
  [
    'demote',
    { operands: { lapsed: { bits: sendBits, cause: 'keyExpired', actor: systemActor, since: NOW * 1000 } } },
  ],
  ['remove', { removal: { reason: 'ticket', cause: 'privateMapKeyExpired' } }],
] as const)('under the policy %s an expired key does what it says', (expiryPolicy, verdict) => {
  const { checks } = checksOf({ expiryPolicy });
  expect(checks.expiry(carryingMember('ana', heldKey(expired)))).toEqual(verdict);
  expect(checks.expiry(carryingMember('ana', heldKey()))).toEqual({});
});

test('what lapsed comes back when the key is good again, and lapses only once', () => {
  const { checks } = checksOf({ expiryPolicy: 'demote' });
  const lapsed = { bits: sendBits, cause: 'keyExpired', actor: systemActor, since: 5 };
  const member = carryingMember('ana', heldKey(expired));
  member.operands = { ...member.operands, lapsed };
  expect(checks.expiry(member)).toEqual({});
  member.privateMapKey = { ticket: 't', held: heldKey() };
  expect(checks.expiry(member)).toEqual({ operands: { lapsed: nothingTaken(NOW * 1000) } });
});

test('who is banned is out, before anything else', () => {
  const { checks } = checksOf({}, { isBanned: () => true, revoked: () => 'revoked' });
  expect(checks.restrictions(carryingMember('ana', heldKey()))).toEqual({
    removal: { reason: 'banned', cause: 'banned' },
  });
});

test('who has a revoked ticket is out, and each is asked for with its second and room', () => {
  const asked: unknown[] = [];
  const userSigs = checksOf({}, { revoked: ({ room: where }) => (where ? undefined : 'revoked') });
  const keys = checksOf(
    {},
    {
      revoked: (ticket) => {
        asked.push(ticket);
        return ticket.room ? 'revoked' : undefined;
      },
    },
  );
  const member = carryingMember('ana', heldKey({ issuedAt: NOW - 5 }));
  const revoked = (cause: string) => ({ removal: { reason: 'revoked', cause } });
  expect(userSigs.checks.restrictions(member)).toEqual(revoked('userSigRevoked'));
  expect(keys.checks.restrictions(member)).toEqual(revoked('privateMapKeyRevoked'));
  expect(asked).toEqual([
    { sdkAppId, userId: 'ana', issuedAt: NOW },
    { sdkAppId, userId: 'ana', issuedAt: NOW - 5, room: 'n:1' },
  ]);
  expect(keys.checks.restrictions(carryingMember('ana'))).toEqual({});
});

test('what operators took is taken, and nothing changes while it is the same', () => {
  const denied = { bits: 4, cause: 'too loud', actor: operatorActor('eve'), since: 5 };
  const { checks } = checksOf({}, { denied: () => ({ ...denied }) });
  const member = carryingMember('ana', heldKey());
  expect(checks.restrictions(member)).toEqual({ operands: { denied } });
  member.operands = { ...member.operands, denied };
  expect(checks.restrictions(member)).toEqual({});
  expect(checks.denied(member)).toBe(denied);
});
