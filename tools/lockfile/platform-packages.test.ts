import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missingPlatformPackages } from './platform-packages.ts';

const parent = {
  version: '1.2.3',
  dev: true,
  license: 'MIT',
  optionalDependencies: { '@x/tool-linux-x64-gnu': '1.2.3', '@x/tool-linux-arm64-musl': '1.2.3' },
};

test('a platform package without an entry gets one from its name', () => {
  const packages = {
    'node_modules/tool': parent,
    'node_modules/@x/tool-linux-x64-gnu': { version: '1.2.3' },
  };
  expect(missingPlatformPackages(packages)).toEqual({
    'node_modules/@x/tool-linux-arm64-musl': {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      license: 'MIT',
      optional: true,
      os: ['linux'],
    },
  });
});

test('an optional package that is for no one platform is refused by name', () => {
  const packages = { 'node_modules/tool': { optionalDependencies: { fsevents: '2.3.3' } } };
  expect(() => missingPlatformPackages(packages)).toThrow('fsevents@2.3.3');
});

test.each(['../../package-lock.json', '../mutants/stryker/package-lock.json'])(
  '%s is complete for every platform and names no registry',
  (file) => {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    const missing = Object.keys(missingPlatformPackages(JSON.parse(text).packages));
    expect(missing, '`npm run lockfile` adds them').toEqual([]);
    expect(text).not.toContain('"resolved": "http');
  },
);
