import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addAppCommands } from '../app/commands.ts';
import { addJournalCommands } from '../journal/commands.ts';
import { addMemberCommands } from '../member/commands.ts';
import { isUsageError, runCommandLine } from '../terminal/command-line.fixture.ts';
import { addKeyCommands } from './commands.ts';

const OLD = '0a'.repeat(32);
const NEW = '0b'.repeat(32);

let parent: string;
let env: NodeJS.ProcessEnv;
const file = (name: string): string => path.join(parent, 'data', name);

const roomkey = (args: string[], more: NodeJS.ProcessEnv = {}) =>
  runCommandLine([addAppCommands, addMemberCommands, addJournalCommands, addKeyCommands], args, {
    env: { ...env, SECRET: 'f0'.repeat(32), ...more },
  });

async function good(args: string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const { out, error } = await roomkey(args, more);
  expect(error).toBeUndefined();
  return out;
}

const start = (more: NodeJS.ProcessEnv = {}): Promise<RoomkeyServer> =>
  RoomkeyServer.start(loadConfig({ ...env, ...more, ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'] }));

/** Makes a folder with an application and some records. */
async function used(more: NodeJS.ProcessEnv = {}): Promise<void> {
  await (await start(more)).close();
  await good(['app', 'create', '--sdk-app-id', '7', '--secret-env', 'SECRET'], more);
  await good(['member', 'ban', '7', 'bob'], more);
}

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-rotate-'));
  env = {
    ROOMKEY_DATA_DIR: file(''),
    ROOMKEY_PORT: '0',
    ROOMKEY_MEDIA_PORT: '0',
    ROOMKEY_WORKERS: '1',
    ROOMKEY_DEMO: 'off',
    ROOMKEY_LOG_LEVEL: 'silent',
  };
});
afterEach(() => rmSync(parent, { recursive: true }));

test('a key in the file gives way to another one, and the journal is verified across it', async () => {
  await used();
  const before = readFileSync(file('master.key'), 'utf8');
  const out = await good(['key', 'rotate']);
  expect(out).toMatch(/sealed under a new master key, which is in .*master\.key\. Back it up\./);
  expect(readFileSync(file('master.key'), 'utf8')).not.toBe(before);
  expect(existsSync(file('master.key.next'))).toBe(false);
  await good(['member', 'unban', '7', 'bob']);
  expect(await good(['journal', 'verify'])).toMatch(/each as it was written/);
  expect(await good(['journal', 'show'])).toMatch(/ keyRotated /);
  writeFileSync(file('master.key'), before, { mode: 0o600 });
  expect((await roomkey(['app', 'list'])).error).toMatchObject({ fault: 'masterKeyWrong' });
});

test('a key in the environment gives way to one that is given, and the old one opens nothing', async () => {
  const old = { ROOMKEY_MASTER_KEY: OLD };
  await used(old);
  expect((await roomkey(['key', 'rotate'], old)).error).toMatchObject({ fault: 'masterKeyMissing' });
  const again = await roomkey(['key', 'rotate', '--secret-env', 'NEXT'], { ...old, NEXT: OLD });
  expect(again.error).toMatchObject({ message: 'The new master key is the one of now.' });
  const bad = await roomkey(['key', 'rotate', '--secret-env', 'NEXT'], { ...old, NEXT: 'too short' });
  expect(bad.error).toMatchObject({ message: expect.stringMatching(/must be 32 bytes/) });
  const out = await good(['key', 'rotate', '--secret-env', 'NEXT'], { ...old, NEXT: NEW });
  expect(out).toMatch(/From now on start with it in ROOMKEY_MASTER_KEY/);
  expect(out).not.toContain(NEW);
  expect(await good(['journal', 'verify'], { ROOMKEY_MASTER_KEY: NEW })).toMatch(/each as it was written/);
  expect((await roomkey(['app', 'list'], old)).error).toMatchObject({ fault: 'masterKeyWrong' });
  // Run again after it was done: nothing is lost by it.
  await good(['key', 'rotate', '--secret-env', 'NEXT'], { ...old, NEXT: NEW });
});

test('a key moves from the file to the environment', async () => {
  await used();
  await good(['key', 'rotate', '--secret-env', 'NEXT'], { NEXT: NEW });
  expect(existsSync(file('master.key'))).toBe(false);
  expect(await good(['app', 'list'], { ROOMKEY_MASTER_KEY: NEW })).toMatch(/^ *7 /m);
});

test('a folder that a server uses is refused, and nothing is changed', async () => {
  const server = await start();
  const before = readFileSync(file('master.key'), 'utf8');
  expect((await roomkey(['key', 'rotate'])).error).toMatchObject({ fault: 'inUse' });
  await server.close();
  expect(readFileSync(file('master.key'), 'utf8')).toBe(before);
});

test('an unknown option is a usage error', async () => {
  expect(isUsageError((await roomkey(['key', 'rotate', '--key', NEW])).error)).toBe(true);
});
