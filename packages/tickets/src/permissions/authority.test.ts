import { expect, test } from 'vitest';
import * as authority from './authority.ts';
import { AUTH_BITS_DEFAULT, parseAuthority, withinHeld } from './authority.ts';
import { permissionsOf } from './permission.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

test('the AUTH_BITS constants have the positions of the permission byte', () => {
  const names = [
    'CREATE_ROOM',
    'JOIN_ROOM',
    'SEND_AUDIO',
    'RECV_AUDIO',
    'SEND_VIDEO',
    'RECV_VIDEO',
    'SEND_SUB',
    'RECV_SUB',
  ];
  const values = Object.entries(authority).filter(([name]) => name.startsWith('AUTH_BITS_'));
  expect(Object.fromEntries(values)).toEqual({
    ...Object.fromEntries(names.map((name, index) => [`AUTH_BITS_${name}`, 2 ** index])),
    AUTH_BITS_DEFAULT: -1,
  });
});

test('every byte is read as itself, as a number and as a bigint', () => {
  for (const bits of everyByte) {
    expect(parseAuthority(bits)).toEqual({ bits, isDefault: false });
    expect(parseAuthority(BigInt(bits))).toEqual({ bits, isDefault: false });
  }
});

test.each([AUTH_BITS_DEFAULT, -1n, 0xffff_ffff_ffff_ffffn, Number(0xffff_ffff_ffff_ffffn)])(
  'the default %s is all eight bits',
  (value) => {
    expect(parseAuthority(value)).toEqual({ bits: 255, isDefault: true });
  },
);

test.each([
  -2,
  256,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  0xffff_ffff,
  2 ** 63,
  -2n,
  256n,
  2n ** 64n,
  2n ** 32n - 1n,
])('%s is refused', (value) => {
  expect(() => parseAuthority(value)).toThrow(RangeError);
});

test.each(['7', '-1', null, undefined, true, [7], {}])('%j, which is no number, is refused', (value) => {
  expect(() => parseAuthority(value as unknown as number)).toThrow(RangeError);
});

test('an authority is within what is held when its media bits are, whatever the entry bits', () => {
  const media = (bits: number) => permissionsOf(bits).filter((name) => !name.endsWith('Room'));
  for (const asked of everyByte) {
    for (const held of everyByte) {
      const names = permissionsOf(held);
      expect(withinHeld(asked, held)).toBe(media(asked).every((name) => names.includes(name)));
    }
  }
});
