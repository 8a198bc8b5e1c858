import { readFileSync, writeFileSync } from 'node:fs';
import { type LockPackages, missingPlatformPackages } from './lockfile/platform-packages.ts';

// `npm run lockfile`, after a dependency was added: completes package-lock.json for every platform.

const file = new URL('../package-lock.json', import.meta.url);
const lock: { packages: LockPackages } = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingPlatformPackages(lock.packages);
const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(packages);
if (Object.keys(missing).length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(missing).length} platform packages added`);
