import { allows, slotNeeds } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { has, rowAllowed, rows, sends } from './permission-model.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

test('the second account of the bits says the same as the first, for every byte and row', () => {
  for (const byte of everyByte)
    for (const row of rows)
      expect(rowAllowed(row, (bit) => has(byte, bit))).toBe(allows(byte, slotNeeds(row.direction, row.slot)));
});

test('sound of a screen needs both bits of its direction', () => {
  const screenAudio = { direction: 'send', slot: 'screenAudio' } as const;
  const allowedWith = (byte: number) => rowAllowed(screenAudio, (bit) => has(byte, bit));
  expect([4, 64, 68, 200].map(allowedWith)).toEqual([false, false, true, false]);
});

test('three bits send, and three receive', () => {
  const bits = ['sendAudio', 'recvAudio', 'sendVideo', 'recvVideo', 'sendSub', 'recvSub'] as const;
  expect(bits.map(sends)).toEqual([true, false, true, false, true, false]);
});
