import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { TicketIssuer } from '@roomkey/tickets';
import { presets } from '@roomkey/tickets/permissions';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addAppCommands } from '../app/commands.ts';
import { isUsageError, runCommandLine } from '../terminal/command-line.fixture.ts';
import { addUsageCommand } from './commands.ts';

const SECRET = 'f0'.repeat(32);

let parent: string;
let env: NodeJS.ProcessEnv;
let server: RoomkeyServer | undefined;

const start = async (): Promise<void> => {
  server = await RoomkeyServer.start(
    loadConfig({ ...env, ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'] }),
  );
};

const stop = async (): Promise<void> => {
  await server?.close();
  server = undefined;
};

const roomkey = (...args: string[]) =>
  runCommandLine([addAppCommands, addUsageCommand], args, { env: { ...env, SECRET } });

async function good(...args: string[]): Promise<string> {
  const { out, error } = await roomkey(...args);
  expect(error).toBeUndefined();
  return out;
}

const usage = async (...args: string[]) => JSON.parse(await good('usage', '--json', ...args));

beforeEach(async () => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-usage-'));
  env = {
    ROOMKEY_DATA_DIR: path.join(parent, 'data'),
    ROOMKEY_PORT: '0',
    ROOMKEY_MEDIA_PORT: '0',
    ROOMKEY_WORKERS: '1',
    ROOMKEY_DEMO: 'off',
    ROOMKEY_LOG_LEVEL: 'silent',
  };
  await start();
  await good('app', 'create', '--sdk-app-id', '7', '--secret-env', 'SECRET');
});

afterEach(async () => {
  await stop();
  rmSync(parent, { recursive: true });
});

/** Enters a room of application 7 and stays until the server stops. */
async function enter(userId: string, room: { roomId: number } | { strRoomId: string }, bits: number) {
  const socket = new WebSocket(`${server?.url.replace('http', 'ws')}/rtc`);
  await once(socket, 'open');
  const issuer = new TicketIssuer({ sdkAppId: 7, secretKey: SECRET });
  const privateMapKey =
    'roomId' in room
      ? issuer.genPrivateMapKey(userId, 600, room.roomId, bits)
      : issuer.genPrivateMapKeyWithStringRoomID(userId, 600, room.strRoomId, bits);
  const userSig = issuer.genUserSig(userId, 600);
  const params = { sdkAppId: 7, userId, userSig, privateMapKey, ...room, scene: 'rtc', role: 'anchor' };
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'enter', params }));
  const [answer] = await once(socket, 'message');
  expect(JSON.parse(String(answer))).toMatchObject({ id: 1, result: {} });
}

test('who was inside is counted when the server stops; a server that runs again and none say the same', async () => {
  await enter('ana', { roomId: 1 }, presets.anchor);
  await enter('bob', { roomId: 1 }, presets.audience);
  await enter('eve', { strRoomId: '1' }, presets.anchor);
  // Some time has to pass to be counted.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await stop();
  const without = await usage();
  const rooms = without.days.map(({ room }: { room: object }) => room);
  expect(rooms).toContainEqual({ roomId: 1 });
  expect(rooms).toContainEqual({ strRoomId: '1' });
  expect(without.total).toEqual({ coreMinutes: expect.any(Number), outerMinutes: expect.any(Number) });
  expect(without.total.coreMinutes).toBeGreaterThan(0);
  expect(without.total.outerMinutes).toBeGreaterThan(0);
  const inText = await usage('--app', '7', '--str-room-id', '1');
  expect(inText.days.map(({ room }: { room: object }) => room)).not.toContainEqual({ roomId: 1 });
  expect(inText.total.outerMinutes).toBe(0);
  await start();
  expect(await usage()).toEqual(without);
  expect(await good('usage')).toMatch(/^DAY +SDKAPPID +CORE +OUTER +ROOM$/m);
  env = { ...env, ROOMKEY_CORE_PRICE: '4', ROOMKEY_OUTER_PRICE: '1' };
  expect(await good('usage')).toMatch(/^DAY +SDKAPPID +CORE +OUTER +COST +ALL ON CORE +ROOM$/m);
  expect(await usage()).toMatchObject({ prices: { core: 4, outer: 1 }, total: { cost: expect.any(Number) } });
});

test('days and applications without usage are no error', async () => {
  expect(await good('usage')).toBe('There is no usage in these days.');
  expect(await usage('--app', '99', '--from', '2026-01-01', '--to', '2026-01-31')).toEqual({
    days: [],
    total: { coreMinutes: 0, outerMinutes: 0 },
  });
});

test.each([
  [['--from', '2026-02-30']],
  [['--from', 'yesterday']],
  [['--from', '1d', '--to', '2d']],
  [['--app', 'seven']],
  [['--room-id', '1']],
  [['--app', '7', '--room-id', '1', '--str-room-id', '1']],
])('%j is a wrong command line', async (args) => {
  const { out, error } = await roomkey('usage', ...args);
  expect([out, isUsageError(error)]).toEqual(['', true]);
});

test('a room id that nobody can have is refused', async () => {
  for (const [option, value, code] of [
    ['--room-id', '0', 'roomIdIllegal'],
    ['--str-room-id', 'a/b', 'strRoomIdIllegal'],
  ] as const)
    expect(await roomkey('usage', '--app', '7', option, value)).toMatchObject({ out: '', error: { code } });
});
