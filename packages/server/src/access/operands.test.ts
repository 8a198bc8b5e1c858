import { operatorActor, systemActor, userActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { authorityOperand, heldOperand, lapsedOperand, roleOperand, sameOperand } from './operands.ts';
import { refusalOf } from './ticket-check.ts';
import type { HeldKey } from './verified-ticket.ts';

const origin = { actor: userActor('ana'), since: 5 };
const key: HeldKey = { permissions: 42, issuedAt: 1, expiresAt: 2, keyId: 'first', fingerprint: 'f' };

test('a key that is held gives its bits', () => {
  expect(heldOperand(key, 'enforce', origin)).toEqual({ bits: 42, cause: 'privateMapKey', ...origin });
});

test('where no key is held, all bits are there because of the permission control', () => {
  expect(heldOperand(undefined, 'observe', origin)).toEqual({
    bits: 255,
    cause: 'permissionControl:observe',
    actor: systemActor,
    since: 5,
  });
});

test('a role says its scene', () => {
  expect(roleOperand('live', 'audience', origin)).toEqual({ bits: 171, cause: 'live:audience', ...origin });
  expect(roleOperand('rtc', 'anchor', origin)).toEqual({ bits: 255, cause: 'rtc:anchor', ...origin });
});

test('an expired key takes the send bits', () => {
  expect(lapsedOperand(5)).toEqual({ bits: 84, cause: 'keyExpired', actor: systemActor, since: 5 });
});

test('who asks for nothing in particular has all that it holds', () => {
  const all = { bits: 255, cause: 'default', ...origin };
  expect(authorityOperand(undefined, 42, origin)).toEqual(all);
  for (const authBits of [-1, '-1', '18446744073709551615'])
    expect(authorityOperand(authBits, 42, origin)).toEqual(all);
});

test('who asks for some bits has those and the two of entry', () => {
  expect(authorityOperand(8, 42, origin)).toEqual({ bits: 11, cause: 'authBits', ...origin });
  expect(authorityOperand('8', 42, origin)).toEqual({ bits: 11, cause: 'authBits', ...origin });
});

test('bits beyond what is held are refused with the lowest of them', () => {
  expect(() => authorityOperand(4 + 16, 42, origin)).toThrow(
    expect.objectContaining({ code: 'authBitsBeyondHeld', data: { permission: 'sendAudio' } }),
  );
});

test.each(['', ' 8', '8 ', '8\n', '0x8', '+8', '--8', 'a8', '8a', '1.5', '256', '-2'])(
  'authBits of %j are illegal',
  (authBits) => {
    expect(refusalOf(() => authorityOperand(authBits, 255, origin))).toBe('authBitsIllegal');
  },
);

test.each([256, 1.5])('the refusal of the number %d says why', (authBits) => {
  expect(() => authorityOperand(authBits, 255, origin)).toThrow(
    expect.objectContaining({ code: 'authBitsIllegal', cause: expect.any(RangeError) }),
  );
});

test('two operands are the same when all that is told of them is', () => {
  const one = { bits: 4, cause: 'too loud', actor: operatorActor('eve'), since: 5 };
  expect(sameOperand(one, { ...one })).toBe(true);
  for (const other of [{ bits: 5 }, { cause: 'silent' }, { actor: operatorActor('joe') }, { since: 6 }])
    expect(sameOperand(one, { ...one, ...other })).toBe(false);
});

test('two operands that take nothing are the same, whenever that began', () => {
  const none = { bits: 0, cause: 'none', actor: systemActor, since: 5 };
  expect(sameOperand(none, { ...none, since: 6 })).toBe(true);
  expect(sameOperand({ ...none, cause: 'given back' }, { ...none, cause: 'given back', since: 6 })).toBe(
    false,
  );
});
