import { expect, test } from 'vitest';
import * as authority from './authority.ts';
import { AUTH_BITS_DEFAULT, beyondHeld, parseAuthority } from './authority.ts';
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

test('every byte is read as itself with both entry bits, as a number and as a bigint', () => {
  for (const byte of everyByte) {
    const bits = byte - (byte % 4) + 3;
    expect(parseAuthority(byte)).toEqual({ bits, isDefault: false });
    expect(parseAuthority(BigInt(byte))).toEqual({ bits, isDefault: false });
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

test('a refusal says which bits are taken', () => {
  expect(() => parseAuthority(256)).toThrow(
    'Permission bits must be a whole number from 0 to 255, or AUTH_BITS_DEFAULT (-1).',
  );
});

test.each(['7', '-1', null, undefined, true, [7], {}])('%j, which is no number, is refused', (value) => {
  expect(() => parseAuthority(value as unknown as number)).toThrow(RangeError);
});

test('an authority goes beyond what is held by its media bits only', () => {
  const asked = everyByte.map((byte) => permissionsOf(byte));
  for (const held of everyByte) {
    const beyond = everyByte.map((asked) => beyondHeld(parseAuthority(asked), held));
    const lacking = permissionsOf(255 - held).filter((name) => !name.endsWith('Room'));
    expect(beyond).toEqual(asked.map((names) => names.filter((name) => lacking.includes(name))));
    expect(beyondHeld(parseAuthority(AUTH_BITS_DEFAULT), held)).toEqual([]);
  }
});
