import { expect, test } from 'vitest';
import { isShort } from './worker-descriptors.ts';

test.each([
  [{ open: 921, limit: 1024 }, false],
  [{ open: 922, limit: 1024 }, true],
  [{ open: 1_048_320, limit: 1_048_576 }, false],
  [{ open: 1_048_321, limit: 1_048_576 }, true],
  [{ open: 0, limit: 0 }, false],
])('with %j a worker is short of descriptors: %s', (figures, is) => {
  expect(isShort(figures)).toBe(is);
});
