import { expect, test } from 'vitest';
import { cacheKey, cacheRoot, cacheSlot } from './cache.ts';

const identity = {
  version: '3.27.1',
  platform: 'linux',
  arch: 'x64',
  distribution: { id: 'debian', version: '12', like: [] },
  recipe: '0a1b2c3d',
};

test('the key names everything a worker depends on', () => {
  expect(cacheKey(identity)).toBe('3.27.1-linux-x64-debian-12-0a1b2c3d');
});

test.each([
  ['mediasoup', { version: '3.27.2' }],
  ['the architecture', { arch: 'arm64' }],
  ['the distribution', { distribution: { id: 'ubuntu', version: '12', like: [] } }],
  ['the version of the distribution', { distribution: { id: 'debian', version: '13', like: [] } }],
  ['the recipe', { recipe: '0a1b2c3e' }],
])('a change of %s is another key', (_, change) => {
  expect(cacheKey({ ...identity, ...change })).not.toBe(cacheKey(identity));
});

test('nothing in the key leaves the cache folder', () => {
  const distribution = { id: '../../x', version: 'a/b', like: [] };
  expect(cacheKey({ ...identity, distribution })).not.toContain('/');
});

test('the cache lies where XDG_CACHE_HOME says, and in ~/.cache when that is missing or relative', () => {
  expect(cacheRoot({ XDG_CACHE_HOME: '/var/cache/me' }, '/home/me')).toBe('/var/cache/me/roomkey/worker');
  expect(cacheRoot({}, '/home/me')).toBe('/home/me/.cache/roomkey/worker');
  expect(cacheRoot({ XDG_CACHE_HOME: 'here' }, '/home/me')).toBe('/home/me/.cache/roomkey/worker');
});

test('everything of a worker lies in its folder', () => {
  const { folder, ...places } = cacheSlot('/cache', 'key');
  expect(folder).toBe('/cache/key');
  for (const place of Object.values(places)) expect(place.startsWith('/cache/key/')).toBe(true);
});
