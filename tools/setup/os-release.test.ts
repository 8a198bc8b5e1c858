import { expect, test } from 'vitest';
import { isDebian, parseOsRelease } from './os-release.ts';

test('id, version and ancestors are read, quoted or not', () => {
  const text = '# comment\nNAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\nID_LIKE="debian linux"\n';
  expect(parseOsRelease(text)).toEqual({ id: 'ubuntu', version: '24.04', like: ['debian', 'linux'] });
});

test('escapes in quoted values are undone', () => {
  expect(parseOsRelease('ID="a\\"b\\$c"').id).toBe('a"b$c');
});

test('a rolling distribution has no version', () => {
  expect(parseOsRelease('ID=arch\n')).toEqual({ id: 'arch', version: 'rolling', like: [] });
});

test('apt is for Debian and its descendants', () => {
  expect(isDebian(parseOsRelease('ID=debian'))).toBe(true);
  expect(isDebian(parseOsRelease('ID=ubuntu\nID_LIKE=debian'))).toBe(true);
  expect(isDebian(parseOsRelease('ID=fedora\nID_LIKE="rhel"'))).toBe(false);
});
