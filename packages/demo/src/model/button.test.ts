import { expect, test } from 'vitest';
import { maySend } from './button.ts';

test.each([
  ['microphone', 4],
  ['camera', 16],
  ['screen', 64],
] as const)('%s needs the bit %i and no other', (device, bit) => {
  expect(maySend(bit, device)).toBe(true);
  expect(maySend(255 - bit, device)).toBe(false);
});
