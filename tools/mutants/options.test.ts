import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const names = (args: readonly string[]) => readOptions(args).folders.map(({ name }) => name);

test('without a folder all four are meant', () => {
  expect(names([])).toEqual(['tickets/permissions', 'access', 'rooms/permissions', 'rooms/media']);
});

test('only the folders that are named are meant', () => {
  expect(names(['--folder', 'rooms/media', '--folder', 'access'])).toEqual(['access', 'rooms/media']);
});

test.each([
  [['--folder', 'rooms'], 'there is no folder rooms'],
  [['--folder', 'access', '--write'], '--write needs all folders'],
  [['--frobnicate'], '--frobnicate'],
  [['access'], 'access'],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
