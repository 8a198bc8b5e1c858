import { ticketContext } from '@roomkey/testkit';
import { ticketFingerprint } from '@roomkey/tickets';
import { expect, test } from 'vitest';
import {
  checkPrivateMapKey,
  checkUserSig,
  fingerprintOf,
  refusalOf,
  refuseRevokedKey,
  revokedAs,
  verifiedPrivateMapKey,
} from './ticket-check.ts';

const { context, issuer, NOW, room, sdkAppId } = ticketContext;

const userSig = issuer().genUserSig('ana', 300);
const key = issuer().genPrivateMapKey('ana', 300, 1, 42);

test('a good UserSig says when and by which key it was signed', () => {
  expect(checkUserSig(userSig, context())).toEqual({
    issuedAt: NOW,
    keyId: 'the-active',
    fingerprint: ticketFingerprint(userSig),
  });
});

test('a good PrivateMapKey says its bits, its times and by which key it was signed', () => {
  expect(checkPrivateMapKey(key, context(), room)).toEqual({
    permissions: 42,
    issuedAt: NOW,
    expiresAt: NOW + 300,
    keyId: 'the-active',
    fingerprint: ticketFingerprint(key),
  });
});

test.each(['retired', 'compromised'])('a key that is %s verifies nothing', (state) => {
  const refused = (check: () => unknown) => refusalOf(check);
  expect(refused(() => checkUserSig(issuer(state).genUserSig('ana', 300), context()))).toBe('userSigForged');
  const ticket = issuer(state).genPrivateMapKey('ana', 300, 1, 255);
  expect(refused(() => checkPrivateMapKey(ticket, context(), room))).toBe('privateMapKeyForged');
});

test('a ticket is good to the end of its last second', () => {
  const at = (milliseconds: number) => ({ ...context(), now: NOW * 1000 + milliseconds });
  expect(refusalOf(() => checkUserSig(userSig, at(300_999)))).toBeUndefined();
  expect(refusalOf(() => checkUserSig(userSig, at(301_000)))).toBe('userSigExpired');
  expect(refusalOf(() => verifiedPrivateMapKey(key, at(300_999), room))).toBeUndefined();
  expect(refusalOf(() => verifiedPrivateMapKey(key, at(301_000), room))).toBe('privateMapKeyExpired');
});

test('a UserSig that is missing is told from one that is no ticket', () => {
  expect(refusalOf(() => checkUserSig('', context()))).toBe('userSigMissing');
  expect(refusalOf(() => checkUserSig('x', context()))).toBe('userSigMalformed');
});

test('a PrivateMapKey that is missing or empty is told from one that is no ticket', () => {
  expect(refusalOf(() => verifiedPrivateMapKey(undefined, context(), room))).toBe('privateMapKeyMissing');
  expect(refusalOf(() => verifiedPrivateMapKey('', context(), room))).toBe('privateMapKeyMissing');
  expect(refusalOf(() => verifiedPrivateMapKey('x', context(), room))).toBe('privateMapKeyMalformed');
});

test('what is wrong with a ticket stays the cause of its refusal', () => {
  expect(() => checkUserSig('x', context())).toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ reason: 'malformed' }) }),
  );
});

test('revocations are asked for with the user, the second of signing and, for a PrivateMapKey, the room', () => {
  const asked: unknown[] = [];
  const revoked = (ticket: unknown) => void asked.push(ticket);
  checkUserSig(userSig, context({ revoked }));
  checkPrivateMapKey(key, context({ revoked }), room);
  expect(asked).toEqual([
    { sdkAppId, userId: 'ana', issuedAt: NOW },
    { sdkAppId, userId: 'ana', issuedAt: NOW, room: 'n:1' },
  ]);
});

test.each([
  ['revoked', 'Revoked'],
  ['early', 'IssuedInFuture'],
] as const)('a ticket whose revocation is "%s" is refused as %s', (verdict, name) => {
  const held = checkPrivateMapKey(key, context(), room);
  const taken = context({ revoked: () => verdict });
  expect(refusalOf(() => checkUserSig(userSig, taken))).toBe(`userSig${name}`);
  expect(refusalOf(() => checkPrivateMapKey(key, taken, room))).toBe(`privateMapKey${name}`);
  expect(refusalOf(() => refuseRevokedKey(held, taken, room))).toBe(`privateMapKey${name}`);
  expect(revokedAs('userSig', taken, { issuedAt: NOW })).toBe(`userSig${name}`);
  expect(refusalOf(() => verifiedPrivateMapKey(key, taken, room))).toBeUndefined();
});

test('a ticket that is not revoked is not refused', () => {
  expect(revokedAs('privateMapKey', context(), { issuedAt: NOW, room: 'n:1' })).toBeUndefined();
});

test('a fingerprint is that of the ticket, and of what is no ticket there is none', () => {
  expect(fingerprintOf(key)).toBe(ticketFingerprint(key));
  for (const text of [undefined, '', 'x']) expect(fingerprintOf(text)).toBeUndefined();
});

test('a fault that is no refusal is passed on', () => {
  const fault = new TypeError('a fault');
  const failing = () => {
    throw fault;
  };
  expect(() => refusalOf(failing)).toThrow(fault);
  const impossible = context({}, { sdkAppId: -1 });
  expect(() => checkUserSig(userSig, impossible)).toThrow(RangeError);
});
