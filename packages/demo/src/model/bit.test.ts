import { permissionNames, permissionsOf } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { binary, bitPresets, bits, holds, toggled } from './bit.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

test('the eight bits come lowest first, each with a label of its own', () => {
  expect(bits.map(({ value }) => value)).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
  expect(new Set(bits.map(({ label }) => label)).size).toBe(8);
});

test('a switch turns over its own bit of every byte and no other', () => {
  for (const byte of everyByte) {
    for (const name of permissionNames) {
      const after = toggled(byte, name);
      expect(holds(after, name)).toBe(!holds(byte, name));
      const others = (of: number) => permissionsOf(of).filter((other) => other !== name);
      expect(others(after)).toEqual(others(byte));
    }
  }
});

test('the presets are anchor, audience, and an audience that may create the room', () => {
  expect(bitPresets.map(({ byte }) => byte)).toEqual([255, 170, 171]);
});

test('a byte is shown as two groups of four digits, highest bit first', () => {
  expect(binary(170)).toBe('1010 1010');
  expect(binary(1)).toBe('0000 0001');
  expect(binary(0)).toBe('0000 0000');
});
