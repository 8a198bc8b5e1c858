import { ticketContext } from '@roomkey/testkit';
import { operatorActor, systemActor, userActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import type { Admission, Application, RestrictionReader } from '../ports/index.ts';
import { checkEntry, controlOf, requireEntryBits } from './entry-check.ts';
import { refusalOf } from './ticket-check.ts';

const { admission, application, issuer, NOW, restrictions, room, sdkAppId } = ticketContext;

interface Case {
  readonly wish?: Partial<Admission>;
  readonly taken?: Partial<RestrictionReader>;
  readonly settings?: Partial<Application>;
  readonly exists?: boolean;
  readonly proven?: (userSig: unknown) => void;
}

const check = ({ wish, taken, settings, exists = false, proven = () => {} }: Case = {}) =>
  checkEntry(admission(wish), {
    application: application(settings),
    restrictions: restrictions(taken),
    exists,
    now: NOW * 1000,
    proven,
  });

const keyOf = (bits: number) => ({ privateMapKey: issuer().genPrivateMapKey('ana', 300, 1, bits) });

test('an entry under enforce has what the key, the role and the member leave', () => {
  const { operands, userSig, key, observed } = check({ wish: { ...keyOf(47), authBits: 8 } });
  const byAna = { actor: userActor('ana'), since: NOW * 1000 };
  const none = { bits: 0, cause: 'none', actor: systemActor, since: NOW * 1000 };
  expect(operands).toEqual({
    held: { bits: 47, cause: 'privateMapKey', ...byAna },
    role: { bits: 255, cause: 'rtc:anchor', ...byAna },
    authority: { bits: 11, cause: 'authBits', ...byAna },
    denied: { bits: 0, cause: 'none', actor: systemActor, since: 0 },
    lapsed: none,
    capped: none,
  });
  expect(userSig.keyId).toBe('the-active');
  expect(key?.permissions).toBe(47);
  expect(observed).toBeUndefined();
});

test('under off no key is looked at', () => {
  const { operands, key, observed } = check({
    settings: { permissionControl: 'off' },
    wish: { privateMapKey: 'x' },
  });
  expect(operands.held).toMatchObject({ bits: 255, cause: 'permissionControl:off' });
  expect([key, observed]).toEqual([undefined, undefined]);
});

test('under observe all bits are there, and what enforce would say is told', () => {
  const observe = { permissionControl: 'observe' } as const;
  const good = check({ settings: observe, wish: keyOf(47) });
  expect(good.operands.held).toMatchObject({ bits: 255, cause: 'permissionControl:observe' });
  expect(good.key).toBeUndefined();
  expect(good.observed?.held?.permissions).toBe(47);
  expect(check({ settings: observe, wish: { privateMapKey: 'x' } }).observed).toEqual({
    refusal: 'privateMapKeyMalformed',
  });
  expect(check({ settings: observe, wish: keyOf(1) }).observed).toEqual({ refusal: 'enterRoomDenied' });
  expect(check({ settings: observe, wish: { ...keyOf(47), authBits: 16 } }).observed).toEqual({
    refusal: 'authBitsBeyondHeld',
  });
});

test('a room has its own control, or that of the application', () => {
  const roomControls = new Map([['n:1', 'off' as const]]);
  expect(controlOf(application({ roomControls }), room)).toBe('off');
  expect(controlOf(application({ roomControls }), { strRoomId: '1' })).toBe('enforce');
});

test('the checks come in their order', () => {
  const banned = { isBanned: () => true };
  const refusal = (given: Case) => refusalOf(() => check(given));
  const wrong = { userId: 'a.b', userSig: 'x', privateMapKey: 'x' };
  expect(refusal({ wish: wrong, taken: banned })).toBe('userIdIllegal');
  expect(refusal({ wish: { ...wrong, userId: 'ana' }, taken: banned })).toBe('userSigMalformed');
  expect(refusal({ wish: { privateMapKey: 'x' }, taken: banned })).toBe('privateMapKeyMalformed');
  expect(refusal({ wish: keyOf(0), taken: banned })).toBe('banned');
  expect(refusal({ wish: { ...keyOf(0), authBits: 256 } })).toBe('enterRoomDenied');
  expect(refusal({ wish: { ...keyOf(2), authBits: 256 } })).toBe('createRoomDenied');
  expect(refusal({ wish: { ...keyOf(2), authBits: 256 }, exists: true })).toBe('authBitsIllegal');
});

test('a ban is asked for and holds under every control', () => {
  const asked: unknown[] = [];
  const isBanned = (where: unknown) => {
    asked.push(where);
    return true;
  };
  for (const permissionControl of ['off', 'observe', 'enforce'] as const)
    expect(refusalOf(() => check({ settings: { permissionControl }, taken: { isBanned } }))).toBe('banned');
  const where = { sdkAppId, room: 'n:1', userId: 'ana' };
  expect(asked).toEqual([where, where, where]);
});

test('the UserSig is told once it is good, also when something else is refused', () => {
  const told: unknown[] = [];
  const proven = (userSig: unknown) => void told.push(userSig);
  expect(refusalOf(() => check({ wish: { userSig: 'x' }, proven }))).toBe('userSigMalformed');
  expect(told).toEqual([]);
  expect(refusalOf(() => check({ wish: keyOf(0), proven }))).toBe('enterRoomDenied');
  expect(told).toMatchObject([{ keyId: 'the-active', issuedAt: NOW }]);
});

test('what an operator took is taken at entry', () => {
  const asked: unknown[] = [];
  const denied = { bits: 8, cause: 'too loud', actor: operatorActor('eve'), since: 5 };
  const taken = {
    denied: (where: unknown) => {
      asked.push(where);
      return denied;
    },
  };
  expect(check({ taken }).operands.denied).toEqual(denied);
  expect(asked).toEqual([{ sdkAppId, room: 'n:1', userId: 'ana' }]);
});

test.each([
  [2, 'enterRoomDenied', 'enterRoom', true],
  [3, 'enterRoomDenied', 'enterRoom', false],
  [1, 'createRoomDenied', 'createRoom', false],
] as const)(
  'bits %i that an operator took are %s, and the refusal says who',
  (bits, code, permission, exists) => {
    const denied = { bits, cause: 'no', actor: operatorActor('eve'), since: 5 };
    expect(() => check({ taken: { denied: () => denied }, exists })).toThrow(
      expect.objectContaining({
        code,
        data: { permission },
        message: 'An operator took away the permission to enter this way.',
      }),
    );
  },
);

test('without the create bit a room that exists is entered', () => {
  expect(refusalOf(() => check({ wish: keyOf(2), exists: true }))).toBeUndefined();
  expect(refusalOf(() => check({ wish: keyOf(2) }))).toBe('createRoomDenied');
});

test.each([
  [0, true, 'enterRoomDenied', 'enterRoom'],
  [0, false, 'enterRoomDenied', 'enterRoom'],
  [1, false, 'enterRoomDenied', 'enterRoom'],
  [2, false, 'createRoomDenied', 'createRoom'],
] as const)('bits %i with a room there: %s are refused as %s', (bits, exists, code, permission) => {
  expect(() => requireEntryBits(bits, exists)).toThrow(
    expect.objectContaining({ code, data: { permission } }),
  );
  expect(() => requireEntryBits(bits, exists, 'No.')).toThrow('No.');
});

test.each([
  [2, true],
  [3, true],
  [3, false],
] as const)('bits %i with a room there: %s are enough', (bits, exists) => {
  expect(() => requireEntryBits(bits, exists)).not.toThrow();
});
