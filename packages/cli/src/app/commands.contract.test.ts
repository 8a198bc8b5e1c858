import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addStatusCommand } from '../server/status.ts';
import { isUsageError, type Outcome, runCommandLine } from '../terminal/command-line.fixture.ts';
import { addAppCommands } from './commands.ts';

const OLD_KEY = 'f0'.repeat(32);

let parent: string;
let env: NodeJS.ProcessEnv;
let server: RoomkeyServer | undefined;

beforeAll(async () => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-cli-'));
  env = environment('fresh');
  const first = await start();
  await first.close();
});

afterAll(() => rmSync(parent, { recursive: true }));

const environment = (name: string): NodeJS.ProcessEnv => ({
  ROOMKEY_DATA_DIR: path.join(parent, name),
  ROOMKEY_PORT: '0',
  ROOMKEY_MEDIA_PORT: '0',
  ROOMKEY_WORKERS: '1',
  ROOMKEY_DEMO: 'off',
  ROOMKEY_LOG_LEVEL: 'silent',
});

const start = (): Promise<RoomkeyServer> =>
  RoomkeyServer.start(loadConfig({ ...env, ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'] }));

/** Runs `roomkey app …`; its outcome must be good. */
async function app(...args: string[]): Promise<Outcome> {
  const outcome = await roomkey('app', ...args);
  expect(outcome.error).toBeUndefined();
  return outcome;
}

const roomkey = (...args: string[]): Promise<Outcome> =>
  runCommandLine([addAppCommands, addStatusCommand], args, { env: { ...env, OLD_KEY } });

const json = async (...args: string[]) => JSON.parse((await app(...args, '--json')).out);

describe.each(['a running server', 'no server'])('with %s', (way) => {
  beforeEach(async () => {
    env = environment('used');
    rmSync(env['ROOMKEY_DATA_DIR'] ?? '', { recursive: true, force: true });
    // Node.js 22 gives a folder that it copies another mode.
    mkdirSync(env['ROOMKEY_DATA_DIR'] ?? '', { mode: 0o700 });
    cpSync(path.join(parent, 'fresh'), env['ROOMKEY_DATA_DIR'] ?? '', { recursive: true });
    if (way === 'a running server') server = await start();
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test('the first application is there and enforces', async () => {
    const { out } = await app('list');
    expect(out).toMatch(/^SDKAPPID +PERMISSION CONTROL +ACTIVE KEYS +NAME$/m);
    expect(out).toMatch(/^1400000001 +enforce +1 +default$/m);
    expect(await json('list')).toMatchObject({ applications: [{ sdkAppId: 1_400_000_001 }] });
  });

  test('a new application shows its key once, the note beside it', async () => {
    const { out, err } = await app(
      'create',
      '--sdk-app-id',
      '7',
      '--name',
      'shop',
      '--linger-seconds',
      '60',
      '--grace-seconds',
      '9',
    );
    const secret = /^secret key +([0-9a-f]{64})$/m.exec(out)?.[1] ?? 'none';
    expect(out).toMatch(/^SDKAppID +7$/m);
    expect(out).toMatch(/^key id +k1$/m);
    expect(err).toBe('Keep the secret key: it is not shown again.');
    const shown = (await app('show', '7')).out;
    expect(shown).toMatch(/^name +shop$/m);
    expect(shown).toMatch(/^linger seconds +60$/m);
    expect(shown).toMatch(/^grace seconds +9$/m);
    expect(shown).toMatch(/^key k1 +active, added 20/m);
    expect(shown).not.toContain(secret);
    expect((await app('list')).out).toMatch(/^7 +enforce +1 +shop$/m);
  });

  test('a key from elsewhere is taken over and not shown', async () => {
    for (const { out, err } of [
      await app('create', '--sdk-app-id', '7', '--secret-env', 'OLD_KEY'),
      await app('key', 'add', '1400000001', '--secret-env', 'OLD_KEY', '--json'),
    ]) {
      expect(out + err).not.toContain(OLD_KEY);
      expect(err).toBe('');
    }
    const again = await roomkey('app', 'key', 'add', '7', '--secret-env', 'OLD_KEY');
    expect(again.error).toMatchObject({ code: 'settingInvalid' });
    expect(String(again.error)).not.toContain(OLD_KEY);
  });

  test('settings are changed one by one', async () => {
    const { application } = await json(
      'set',
      '1400000001',
      '--permission-control',
      'observe',
      '--max-rooms',
      '5',
    );
    expect(application.settings).toMatchObject({
      name: 'default',
      permissionControl: 'observe',
      maxRooms: 5,
    });
    const { out } = await app('set', '1400000001', '--expiry-policy', 'demote');
    expect(out).toMatch(/^permission control +observe$/m);
    expect(out).toMatch(/^expiry policy +demote$/m);
  });

  test('keys are added and their state is set', async () => {
    const { key } = await json('key', 'add', '1400000001');
    expect(key).toEqual({ keyId: 'k2', secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await app('key', 'set-state', '1400000001', 'k1', 'retired');
    expect((await json('show', '1400000001')).application.keys).toMatchObject([
      { keyId: 'k1', state: 'retired' },
      { keyId: 'k2', state: 'active' },
    ]);
    const { error } = await roomkey('app', 'key', 'set-state', '1400000001', 'k3', 'retired');
    expect(error).toMatchObject({ code: 'keyUnknown' });
  });

  test('a room has a permission control of its own until it is cleared', async () => {
    await app('room-control', 'set', '1400000001', 'off', '--room-id', '123');
    await app('room-control', 'set', '1400000001', 'observe', '--str-room-id', '123');
    const { out } = await app('room-control', 'list', '1400000001');
    expect(out.split('\n').slice(1)).toEqual(['off                 123', 'observe             "123"']);
    expect((await app('room-control', 'clear', '1400000001', '--room-id', '123')).out).toMatch(
      /^rooms with their own +1$/m,
    );
    expect(await json('room-control', 'list', '1400000001')).toEqual({
      roomControls: [{ room: { strRoomId: '123' }, permissionControl: 'observe' }],
    });
  });

  test('what the server refuses is told with its name', async () => {
    for (const [code, ...args] of [
      ['applicationUnknown', 'show', '9'],
      ['applicationExists', 'create', '--sdk-app-id', '1400000001'],
      ['settingInvalid', 'create', '--sdk-app-id', '0'],
      ['settingInvalid', 'set', '1400000001', '--max-rooms', '0'],
      ['roomIdIllegal', 'room-control', 'set', '1400000001', 'off', '--room-id', '0'],
      ['strRoomIdIllegal', 'room-control', 'clear', '1400000001', '--str-room-id', ''],
    ]) {
      const { out, error } = await roomkey('app', ...args);
      expect([args, out, error]).toEqual([args, '', expect.objectContaining({ code })]);
    }
  });

  test('commands at the same time all take effect', async () => {
    await Promise.all(Array.from({ length: 5 }, () => app('key', 'add', '1400000001')));
    const { application } = await json('show', '1400000001');
    expect(application.keys.map(({ keyId }: { keyId: string }) => keyId)).toEqual(
      Array.from({ length: 6 }, (_, index) => `k${index + 1}`),
    );
  });

  test('what was changed holds for the next server', async () => {
    await app('set', '1400000001', '--name', 'renamed');
    await server?.close();
    server = await start();
    expect((await app('show', '1400000001')).out).toMatch(/^name +renamed$/m);
  });
});

describe('a command line that is wrong', () => {
  test.each([
    ['app', 'show'],
    ['app', 'show', 'seven'],
    ['app', 'show', '7', '8'],
    ['app', 'create', '--permission-control', 'maybe'],
    ['app', 'create', '--colour', 'red'],
    ['app', 'set', '7'],
    ['app', 'set', '7', '--max-rooms', '-1'],
    ['app', 'key', 'set-state', '7', 'k1', 'lost'],
    ['app', 'room-control', 'set', '7', 'off'],
    ['app', 'room-control', 'set', '7', 'off', '--room-id', '1', '--str-room-id', '1'],
    ['app', 'paint'],
  ])('is a usage error: %s %s %s %s', async (...args) => {
    env = environment('untouched');
    const { out, err, error } = await roomkey(...args);
    expect(isUsageError(error)).toBe(true);
    expect(out).toBe('');
    expect(err).toMatch(/^error: |^Usage: /);
  });

  test('that asks for help gets it', async () => {
    const { out } = await roomkey('app', 'room-control', 'set', '--help');
    expect(out).toContain('--str-room-id <text>');
  });
});

test('without data a command says so and makes none', async () => {
  env = environment('nothing');
  expect((await roomkey('app', 'list')).error).toMatchObject({
    name: 'StoreError',
    fault: 'databaseMissing',
  });
});

test('settings that are wrong are named before anything is done', async () => {
  env = { ROOMKEY_DATA_DIR: parent, ROOMKEY_PORT: 'x' };
  expect((await roomkey('app', 'list')).error).toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining('ROOMKEY_PORT'),
  });
});

test('the status is the running server’s, and there is none without it', async () => {
  env = environment('fresh');
  expect((await roomkey('status')).error).toMatchObject({ message: 'No server runs on this data folder.' });
  server = await start();
  const { out } = await roomkey('status', '--json');
  expect(JSON.parse(out)).toMatchObject({ url: server.url, pid: process.pid, rooms: 0, members: 0 });
  expect((await roomkey('status')).out).toContain(server.url);
  await server.close();
  server = undefined;
});
