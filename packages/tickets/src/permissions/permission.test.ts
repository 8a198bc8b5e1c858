import { expect, test } from 'vitest';
import {
  allows,
  bitsOf,
  entryNeeds,
  maySendAnything,
  mediaBits,
  Permission,
  permissionNames,
  permissionsOf,
  presets,
  recvBits,
  replaceBits,
  sendBits,
} from './permission.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

test('the eight bits are the powers of two in the order of their names', () => {
  expect(permissionNames.map((name) => Permission[name])).toEqual([1, 2, 4, 8, 16, 32, 64, 128]);
  expect(Object.keys(Permission)).toEqual([...permissionNames]);
});

test('masks and presets have the documented numbers', () => {
  expect({ sendBits, recvBits, mediaBits, presets }).toEqual({
    sendBits: 84,
    recvBits: 168,
    mediaBits: 252,
    presets: { anchor: 255, audience: 170 },
  });
});

test('every byte is the sum of its named permissions, and higher bits add none', () => {
  for (const byte of everyByte) {
    const sum = permissionsOf(byte).reduce((total, name) => total + Permission[name], 0);
    expect(sum).toBe(byte);
    expect(bitsOf(permissionsOf(byte))).toBe(byte);
    expect(bitsOf([...permissionsOf(byte), ...permissionsOf(byte)])).toBe(byte);
    expect(permissionsOf(byte + 0x100)).toEqual(permissionsOf(byte));
  }
});

test('a need is allowed exactly when all of its bits are there', () => {
  for (const byte of everyByte) {
    const held = new Set(permissionsOf(byte));
    const needs = everyByte.filter((need) => allows(byte, need));
    expect(needs).toEqual(everyByte.filter((need) => permissionsOf(need).every((name) => held.has(name))));
  }
});

test('a member may send something when any of the three send bits is set', () => {
  for (const byte of everyByte) {
    expect(maySendAnything(byte)).toBe(permissionsOf(byte).some((name) => name.startsWith('send')));
  }
});

test('entry needs the enter bit, and in a new room the create bit with it', () => {
  for (const byte of everyByte) {
    const names = permissionsOf(byte);
    expect(allows(byte, entryNeeds(true))).toBe(names.includes('enterRoom'));
    expect(allows(byte, entryNeeds(false))).toBe(names.includes('enterRoom') && names.includes('createRoom'));
  }
});

test('replacing bits takes the named ones from the value and leaves the others', () => {
  for (const mask of everyByte) {
    for (const [bits, value] of [
      [0b1100_1010, 0b0110_0011],
      [255, 0],
      [0, 255],
    ] as const) {
      const named = permissionsOf(mask);
      const expected = [
        ...permissionsOf(bits).filter((name) => !named.includes(name)),
        ...permissionsOf(value).filter((name) => named.includes(name)),
      ];
      expect(replaceBits(bits, mask, value)).toBe(bitsOf(expected));
    }
  }
  expect(replaceBits(0x100, 0x100, 0x100)).toBe(0);
});
