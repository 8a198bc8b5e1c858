import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acquireLock } from './lock.ts';
import { identify, isAlive, isGroupAlive, type ProcessIdentity } from './process-identity.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lock-'));
  file = path.join(folder, 'lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

function nobodyToWaitFor(holder: ProcessIdentity): never {
  throw new Error(`waited for ${holder.pid}`);
}

test('a lock names its holder and leaves nothing behind', async () => {
  const release = await acquireLock(file, nobodyToWaitFor);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(identify());
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['a process that has ended', (): unknown => ({ ...identify(), pid: spawnSync('true').pid })],
  [
    'an earlier process with a number that is in use again',
    (): unknown => ({ ...identify(), started: 'earlier' }),
  ],
  ['nobody that can be read', (): unknown => 'x'],
])('the lock of %s is taken over', async (_, holder) => {
  writeFileSync(file, JSON.stringify(holder()));
  const release = await acquireLock(file, nobodyToWaitFor);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(identify());
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a living process is waited for, and that is said once', async () => {
  const release = await acquireLock(file, nobodyToWaitFor);
  const waits: number[] = [];
  let held = false;
  const second = acquireLock(
    file,
    ({ pid }) => {
      waits.push(pid);
      expect(held).toBe(false);
      setImmediate(release);
    },
    1,
  ).then((releaseSecond) => {
    held = true;
    return releaseSecond;
  });
  (await second)();
  expect(waits).toEqual([process.pid]);
  expect(existsSync(file)).toBe(false);
});

test('a process is told from a later one with the same number', () => {
  const me = identify();
  expect(isAlive(me)).toBe(true);
  expect(isAlive({ ...me, started: 'earlier' })).toBe(false);
  expect(isGroupAlive({ ...me, started: 'earlier' })).toBe(false);
});
