import { ticketContext } from '@roomkey/testkit';
import { nothingTaken, operatorActor, userActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { carryingMember, heldKey, NOW } from './carrying-member.fixture.ts';
import { roomKeys } from './room-keys.fixture.ts';

const { issuer, sdkAppId } = ticketContext;

const ticketOf = (bits: number, at = NOW) => issuer('active', at).genPrivateMapKey('ana', 300, 1, bits);
const since = NOW * 1000;
const coded = (code: string) => expect.objectContaining({ code });

test('a member is held against the application, itself, and now', () => {
  const { keys } = roomKeys();
  const member = carryingMember('ana');
  expect(keys.where(member)).toEqual({ sdkAppId, room: 'n:1', userId: 'ana' });
  expect(keys.context(member)).toMatchObject({ userId: 'ana', now: since, application: { sdkAppId } });
  expect(keys.control).toBe('enforce');
});

test('a new key gives what it holds, from now, and what had lapsed comes back', () => {
  const { keys } = roomKeys();
  const ticket = ticketOf(42);
  expect(keys.given(carryingMember('ana', heldKey({ issuedAt: NOW - 9 })), ticket)).toMatchObject({
    privateMapKey: { ticket, held: { permissions: 42 } },
    operands: {
      held: { bits: 42, cause: 'privateMapKey', actor: userActor('ana'), since },
      lapsed: nothingTaken(since),
    },
  });
});

test('the key that is carried keeps since when it holds, once it was checked', () => {
  const { keys } = roomKeys();
  const ticket = ticketOf(255);
  const member = carryingMember('ana');
  member.privateMapKey = { ticket };
  expect(keys.carried(member).operands.held).toMatchObject({ bits: 255, since });
  member.privateMapKey = { ticket, held: heldKey() };
  expect(keys.carried(member).operands.held).toBe(member.operands.held);
  member.privateMapKey = { ticket: 'another', held: heldKey() };
  expect(keys.given(member, ticket).operands.held).toMatchObject({ since });
});

test('a key that was signed before the one in use is refused, one of the same second is not', () => {
  const { keys } = roomKeys();
  const member = carryingMember('ana', heldKey());
  expect(() => keys.given(member, ticketOf(255, NOW - 1))).toThrow(coded('keyOlder'));
  expect(() => keys.given(member, ticketOf(255))).not.toThrow();
  member.privateMapKey = { ticket: 't', observed: { held: heldKey() } };
  expect(() => keys.given(member, ticketOf(255, NOW - 1))).toThrow(coded('keyOlder'));
});

test('a key without the enter bit is refused, one without the create bit is not', () => {
  const { keys } = roomKeys();
  expect(() => keys.given(carryingMember('ana'), ticketOf(253))).toThrow(coded('enterRoomDenied'));
  expect(() => keys.given(carryingMember('ana'), ticketOf(254))).not.toThrow();
});

test('a revoked key is refused', () => {
  const { keys } = roomKeys({}, { revoked: ({ room: where }) => (where === 'n:1' ? 'revoked' : undefined) });
  expect(() => keys.given(carryingMember('ana'), ticketOf(255))).toThrow(coded('privateMapKeyRevoked'));
});

test('who is banned, or may not enter any more, keeps the key that it carries and gets no other', () => {
  const banned = roomKeys({}, { isBanned: () => true }).keys;
  const denied = { bits: 2, cause: 'no', actor: operatorActor('eve'), since: 0 };
  const kept = roomKeys({}, { denied: () => denied }).keys;
  const ticket = ticketOf(255);
  const member = carryingMember('ana');
  expect(() => banned.given(member, ticket)).toThrow(coded('banned'));
  expect(() => kept.given(member, ticket)).toThrow(
    expect.objectContaining({
      code: 'enterRoomDenied',
      message: 'An operator took away the permission to enter.',
    }),
  );
  member.privateMapKey = { ticket };
  for (const keys of [banned, kept]) {
    expect(() => keys.given(member, ticket)).not.toThrow();
    expect(() => keys.carried(member)).not.toThrow();
  }
});

test('under off every key is taken and gives nothing', () => {
  const { keys } = roomKeys({ permissionControl: 'off' });
  expect(keys.given(carryingMember('ana', heldKey()), 'x')).toEqual({
    privateMapKey: { ticket: 'x' },
    operands: {},
  });
});

test('under observe a good key is observed, a bad one is told of', () => {
  const { keys, refused } = roomKeys({ permissionControl: 'observe' });
  const member = carryingMember('ana');
  const ticket = ticketOf(42);
  expect(keys.given(member, ticket)).toMatchObject({
    privateMapKey: { ticket, observed: { held: { permissions: 42 } } },
    operands: {},
  });
  expect(refused).toEqual([]);
  expect(keys.given(member, 'x')).toEqual({
    privateMapKey: { ticket: 'x', observed: { refusal: 'privateMapKeyMalformed' } },
    operands: {},
  });
  expect(refused).toEqual(['privateMapKeyMalformed']);
});

test('under observe a bad key leaves the good one that is carried, as under enforce', () => {
  const { keys } = roomKeys({ permissionControl: 'observe' });
  const member = carryingMember('ana');
  const key = { ticket: 't', observed: { held: heldKey() } };
  member.privateMapKey = key;
  expect(keys.given(member, 'x').privateMapKey).toBe(key);
  // The carried one itself is not good any more.
  expect(keys.carried(member).privateMapKey).toEqual({
    ticket: 't',
    observed: { refusal: 'privateMapKeyMalformed' },
  });
  member.privateMapKey = { ticket: 't', observed: { refusal: 'privateMapKeyExpired' } };
  expect(keys.given(member, 'x').privateMapKey.ticket).toBe('x');
});

test('an observed key that was good is refused once its secret key is compromised or it is revoked', () => {
  const observing = (keyId: string) => {
    const member = carryingMember('ana');
    member.privateMapKey = { ticket: 't', observed: { held: heldKey({ keyId }) } };
    return member;
  };
  const { keys } = roomKeys();
  expect(keys.observedRefusal(carryingMember('ana', heldKey()))).toBeUndefined();
  expect(keys.observedRefusal(observing('the-active'))).toBeUndefined();
  expect(keys.observedRefusal(observing('the-retired'))).toBeUndefined();
  expect(keys.observedRefusal(observing('unknown'))).toBeUndefined();
  expect(keys.observedRefusal(observing('the-compromised'))).toBe('keyCompromised');
  const asked: unknown[] = [];
  const revoked = (ticket: unknown) => {
    asked.push(ticket);
    return 'revoked' as const;
  };
  expect(roomKeys({}, { revoked }).keys.observedRefusal(observing('the-active'))).toBe(
    'privateMapKeyRevoked',
  );
  expect(asked).toEqual([{ sdkAppId, userId: 'ana', issuedAt: NOW, room: 'n:1' }]);
});

test('a key that was verified ahead is that key still', () => {
  const { keys } = roomKeys();
  const member = carryingMember('ana');
  const ticket = ticketOf(42);
  member.privateMapKey = { ticket };
  keys.verifyAhead(member);
  expect(keys.carried(member).privateMapKey.held?.permissions).toBe(42);
});
