import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import { TicketIssuer } from '@roomkey/tickets';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { addAppCommands } from './app/commands.ts';
import { addMemberCommands } from './member/commands.ts';
import { run } from './program.ts';
import { addRevokeCommands } from './revoke/commands.ts';
import { addRoomCommands } from './room/commands.ts';
import { isUsageError, type Outcome, runCommandLine } from './terminal/command-line.fixture.ts';

const SECRET = 'f0'.repeat(32);
const inRoom = ['--room-id', '1'];

let parent: string;
let env: NodeJS.ProcessEnv;
let server: RoomkeyServer | undefined;
const members: Member[] = [];

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

beforeAll(async () => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-operator-'));
  env = environment('fresh');
  const first = await start();
  await first.close();
  await good('app', 'create', '--sdk-app-id', '7', '--secret-env', 'SECRET');
});

beforeEach(() => {
  env = environment('used');
  rmSync(env['ROOMKEY_DATA_DIR'] ?? '', { recursive: true, force: true });
  // Node.js 22 gives a folder that it copies another mode.
  mkdirSync(env['ROOMKEY_DATA_DIR'] ?? '', { mode: 0o700 });
  cpSync(path.join(parent, 'fresh'), env['ROOMKEY_DATA_DIR'] ?? '', { recursive: true });
});

afterEach(async () => {
  for (const { socket } of members.splice(0)) socket.terminate();
  await server?.close();
  server = undefined;
});

afterAll(() => rmSync(parent, { recursive: true }));

const roomkey = (...args: string[]): Promise<Outcome> =>
  runCommandLine([addAppCommands, addRoomCommands, addMemberCommands, addRevokeCommands], args, {
    env: { ...env, SECRET },
  });

/** Runs a command line; its outcome must be good. */
async function good(...args: string[]): Promise<string> {
  const { out, error } = await roomkey(...args);
  expect(error).toBeUndefined();
  return out;
}

const json = async (family: string, name: string, ...args: string[]) =>
  JSON.parse(await good(family, name, '--json', ...args));

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly params?: object;
  readonly result?: { readonly explanation: { readonly effective: number } };
  readonly error?: { readonly data: { readonly name: string } };
}

/** A WebSocket that has asked to enter room 1 of application 7. */
interface Member {
  readonly socket: WebSocket;
  readonly told: Told[];
  /** Resolves with the first message that fits. */
  wait(fits: (message: Told) => boolean): Promise<Told>;
}

async function enter(userId: string, issuedAt = Math.floor(Date.now() / 1000), bits = 255): Promise<Member> {
  const socket = new WebSocket(`${server?.url.replace('http', 'ws')}/rtc`);
  const told: Told[] = [];
  const member: Member = {
    socket,
    told,
    wait: async (fits) => {
      for (;;) {
        const found = told.find(fits);
        if (found) return found;
        await once(socket, 'message');
      }
    },
  };
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  members.push(member);
  await once(socket, 'open');
  const issuer = new TicketIssuer({ sdkAppId: 7, secretKey: SECRET, now: issuedAt });
  const params = {
    sdkAppId: 7,
    userId,
    userSig: issuer.genUserSig(userId, 600),
    privateMapKey: issuer.genPrivateMapKey(userId, 600, 1, bits),
    roomId: 1,
    scene: 'rtc',
    role: 'anchor',
  };
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'enter', params }));
  await member.wait(({ id }) => id === 1);
  return member;
}

const answer = ({ told }: Member): Told | undefined => told.find(({ id }) => id === 1);
const removed = async (member: Member) => (await member.wait(({ method }) => method === 'removed')).params;

describe('with a running server', () => {
  beforeEach(async () => {
    server = await start();
  });

  test('rooms are listed and shown, with why each member may do what it may do', async () => {
    expect(await good('room', 'list')).toMatch(/^SDKAPPID +MEMBERS +TRACKS +ROOM$/);
    for (const user of ['ana', 'bob']) await enter(user);
    expect(await good('room', 'list', '7')).toMatch(/^7 +2 +0 +1$/m);
    await good('member', 'deny', '--bits', 'sendAudio', ...inRoom, '--cause', 'too loud', '7', 'bob');
    const out = await good('room', 'show', '7', ...inRoom);
    expect(out).toMatch(/^members +2$/m);
    expect(out).toMatch(
      /^USER +ROLE +EFFECTIVE +HELD +BY ROLE +AUTHORITY +DENIED +LAPSED +CAPPED +VERSION +SENDS$/m,
    );
    expect(out).toMatch(/^bob +anchor +251 +255 +255 +255 +4 +0 +0 +1 +-$/m);
    expect(out).toMatch(/^bob +sendAudio +denied +too loud +operator command line +20\d\d-/m);
    const { members: shown } = await json('room', 'show', '7', ...inRoom);
    expect(shown).toMatchObject([
      { userId: 'ana', version: 0, explanation: { effective: 255, cleared: [] } },
      { userId: 'bob', version: 1, explanation: { effective: 251 } },
    ]);
  });

  test('a member is explained: every operand, and for each permission that it lacks by whom, why and since when', async () => {
    await enter('bob', undefined, 255 - 16);
    await good('member', 'deny', '--bits', 'sendAudio', ...inRoom, '--cause', 'too loud', '7', 'bob');
    const out = await good('member', 'show', ...inRoom, '7', 'bob');
    expect(out).toMatch(/^effective +235: createRoom,enterRoom,recvAudio,recvVideo,sendSub,recvSub$/m);
    const rows = [
      /^held +239 +privateMapKey +user bob +20\d\d-/m,
      /^by role +255 +rtc:anchor +user bob +20/m,
      /^authority +255 +default +user bob +20/m,
      /^denied +4 +too loud +operator command line +20/m,
      /^lapsed +0 +none +system +20/m,
      /^capped +0 +none +system +20/m,
      /^bob +sendAudio +denied +too loud +operator command line +20/m,
      /^bob +sendVideo +held +privateMapKey +user bob +20/m,
      /^bob +1 +sendAudio +1 +too loud +operator command line +20/m,
    ];
    for (const row of rows) expect(out).toMatch(row);
    expect(await json('member', 'show', ...inRoom, '7', 'bob')).toMatchObject({
      member: { userId: 'bob', explanation: { effective: 235 } },
      denial: { mask: 4, version: 1 },
      bans: [],
    });
    expect((await roomkey('member', 'show', ...inRoom, '7', 'nobody')).error).toMatchObject({
      code: 'memberUnknown',
    });
    await good('member', 'ban', '7', 'bob');
    expect(await good('member', 'show', ...inRoom, '7', 'bob')).toMatch(
      /^not inside\n[\s\S]*^bob +every room/m,
    );
  });

  test('where keys are only observed, what enforce would make of them is shown', async () => {
    await good('app', 'set', '7', '--permission-control', 'observe');
    await enter('ana');
    await enter('bob', undefined, 170);
    await enter('eve', undefined, 8);
    const room = await good('room', 'show', '7', ...inRoom);
    expect(room).toMatch(/^USER +UNDER ENFORCE +WOULD LACK$/m);
    expect(room).toMatch(/^ana +255 +-$/m);
    expect(room).toMatch(/^bob +170 +sendAudio,sendVideo,sendSub$/m);
    expect(room).toMatch(/^eve +refused: enterRoomDenied +-$/m);
    const app = await good('app', 'show', '7');
    expect(app).toMatch(/^UNDER ENFORCE, OF 3 OBSERVED +MEMBERS$/m);
    expect(app).toMatch(/^refused: enterRoomDenied +1$/m);
    expect(app).toMatch(/^without sendVideo +1$/m);
    expect(await json('app', 'show', '7')).toMatchObject({
      observed: { members: 3, refused: { enterRoomDenied: 1 }, lacking: { sendSub: 1 } },
    });
    await good('app', 'set', '7', '--permission-control', 'enforce');
    expect(await json('app', 'show', '7')).not.toHaveProperty('observed');
  });

  test('permissions of everybody, of some and of all others are taken and given back', async () => {
    const [ana, bob] = [await enter('ana'), await enter('bob')];
    expect(await json('member', 'deny', '7', '--users', '@all', '--bits', '252', ...inRoom)).toMatchObject({
      changed: 2,
    });
    for (const member of [ana, bob]) await member.wait(({ method }) => method === 'permissionChanged');
    const back = await good(
      'member',
      'allow',
      '7',
      '--users',
      '@all',
      '--except',
      'bob, eve',
      '--bits',
      'recvAudio',
      ...inRoom,
    );
    expect(back).toMatch(/^ana +1 +sendAudio,sendVideo,recvVideo,sendSub,recvSub +2 /m);
    expect(back).not.toContain('bob');
    expect(await good('member', 'allow', '--bits', 'recvAudio', ...inRoom, '7', 'ana')).toBe(
      'Nothing was to be changed.',
    );
    const deny = ['member', 'deny', '--bits', '4', ...inRoom, '--expect-version'];
    const { error } = await roomkey(...deny, '1', '7', 'ana');
    expect(error).toMatchObject({
      code: 'versionConflict',
      message: expect.stringContaining('What is denied to ana has version 2'),
      data: { version: 2, userId: 'ana' },
    });
    expect(isUsageError((await roomkey(...deny, 'ana=1=2', '7', 'ana')).error)).toBe(true);
    const both = ['7', 'ana', 'bob'];
    expect((await roomkey(...deny, 'ana=2,bob=7', ...both)).error).toMatchObject({ data: { userId: 'bob' } });
    await good(...deny, 'ana=2,bob=1', ...both);
  });

  test('members are kicked, banned for a time and let in again', async () => {
    const bob = await enter('bob');
    expect(await good('member', 'kick', ...inRoom, '7', 'bob')).toBe('Put out: bob.');
    expect(await removed(bob)).toEqual({ reason: 'kicked' });
    await enter('ana');
    expect(await roomkey('member', 'kick', ...inRoom, '7', 'ana', 'bob', 'eve')).toMatchObject({
      out: 'Put out: ana.',
      err: 'Not inside: bob, eve.',
    });
    const again = await enter('bob');
    expect(answer(again)?.result?.explanation.effective).toBe(255);
    const { ban } = await json('member', 'ban', '--for', '2h', '7', 'bob');
    expect(ban.until - ban.since).toBe(7_200_000);
    expect(await removed(again)).toEqual({ reason: 'banned', cause: 'banned' });
    expect(answer(await enter('bob'))?.error?.data.name).toBe('banned');
    expect(await good('member', 'bans', '7')).toMatch(
      /^bob +every room +operator +operator command line +20/m,
    );
    await good('member', 'unban', '7', 'bob');
    expect(answer(await enter('bob'))?.error).toBeUndefined();
  });

  test('a room is dismissed', async () => {
    const bob = await enter('bob');
    expect(await good('room', 'dismiss', '7', ...inRoom)).toBe('The room is dismissed; members: 1.');
    expect(await removed(bob)).toEqual({ reason: 'dismissed' });
    expect((await roomkey('room', 'show', '7', ...inRoom)).error).toMatchObject({ code: 'roomUnknown' });
  });

  test('tickets that were signed up to a time are revoked', async () => {
    const now = Math.floor(Date.now() / 1000);
    const [ana, bob] = [await enter('ana'), await enter('bob', now - 10)];
    const before = new Date((now - 5) * 1000).toISOString();
    const out = await good('revoke', 'room', '7', ...inRoom, '--before', before);
    expect(out).toMatch(/^room 1 +20.*operator +command line/m);
    expect(await removed(bob)).toEqual({ reason: 'revoked', cause: 'privateMapKeyRevoked' });
    expect(answer(await enter('bob', now - 10))?.error?.data.name).toBe('privateMapKeyRevoked');
    await good('revoke', 'user', '7', 'ana');
    expect(await removed(ana)).toEqual({ reason: 'revoked', cause: 'userSigRevoked' });
    await good('revoke', 'application', '7', '--before', String(now - 20));
    const { revocations } = await json('revoke', 'list', '7');
    expect(revocations.map(({ tickets }: { tickets: unknown }) => tickets)).toEqual([
      'application',
      { room: { roomId: 1 } },
      { userId: 'ana' },
    ]);
  });
});

test('without a server, what is kept is changed, and holds for the next one', async () => {
  await good('member', 'deny', '--bits', 'sendAudio', ...inRoom, '--for', '1d', '7', 'bob');
  await good('member', 'ban', ...inRoom, '7', 'eve');
  await good('revoke', 'user', '7', 'ana');
  expect(await good('member', 'show', ...inRoom, '7', 'bob')).toMatch(
    /^not inside\n[\s\S]*^bob +1 +sendAudio +1/m,
  );
  expect(await good('member', 'denials', '7')).toMatch(
    /^bob +1 +sendAudio +1 +operator +operator command line +20/m,
  );
  for (const args of [
    ['room', 'list'],
    ['room', 'show', '7', ...inRoom],
    ['room', 'dismiss', '7', ...inRoom],
    ['member', 'kick', ...inRoom, '7', 'bob'],
    ['member', 'deny', '7', '--users', '@all', '--bits', '4', ...inRoom],
  ])
    expect((await roomkey(...args)).error).toMatchObject({ message: 'No server runs on this data folder.' });
  server = await start();
  expect(answer(await enter('bob'))?.result?.explanation.effective).toBe(251);
  expect(answer(await enter('eve'))?.error?.data.name).toBe('banned');
  expect(answer(await enter('ana', Math.floor(Date.now() / 1000) - 60))?.error?.data.name).toBe(
    'userSigRevoked',
  );
  expect(await json('member', 'bans', '7')).toMatchObject({ bans: [{ userId: 'eve', room: { roomId: 1 } }] });
});

test.each(['--all', '-h', '--help', '--version', '--json', '--'])(
  '%s behind -- is a user like any other',
  async (userId) => {
    const runWhole = async (...args: string[]) => {
      const out: string[] = [];
      const code = await run([...args, '--', '7', userId], {
        env,
        stdin: (async function* () {})(),
        out: (text) => void out.push(text),
        flushed: async () => {},
        err: () => {},
      });
      expect(code).toBe(0);
      return out.join('\n');
    };
    expect(await runWhole('member', 'deny', ...inRoom, '--bits', 'sendAudio')).toContain(userId);
    expect(await json('member', 'denials', '7')).toMatchObject({ denials: [{ userId }] });
    await runWhole('member', 'ban');
    expect(await json('member', 'bans', '7')).toMatchObject({ bans: [{ userId }] });
    await runWhole('member', 'unban');
    await runWhole('member', 'allow', ...inRoom, '--bits', 'sendAudio');
    expect(await runWhole('member', 'show', ...inRoom)).toContain('not inside');
    expect(await runWhole('revoke', 'user')).toContain(userId);
  },
);

test('what the core refuses is told with its name', async () => {
  for (const [code, ...args] of [
    ['applicationUnknown', 'member', 'ban', '9', 'bob'],
    ['applicationUnknown', 'revoke', 'list', '9'],
    ['userIdIllegal', 'member', 'ban', '7', 'b b'],
    ['roomIdIllegal', 'revoke', 'room', '7', '--room-id', '0'],
    ['settingInvalid', 'member', 'deny', '--bits', '0', ...inRoom, '7', 'bob'],
    ['settingInvalid', 'revoke', 'application', '7', '--before', '2999-01-01T00:00:00Z'],
    ['settingInvalid', 'member', 'ban', '--for', '99999d', '7', 'bob'],
    ['userIdIllegal', 'member', 'deny', '--bits', '4', ...inRoom, '--', '7', '@all'],
    ['banUnknown', 'member', 'unban', '7', 'bob'],
  ]) {
    const { out, error } = await roomkey(...args);
    expect([args, out, error]).toEqual([args, '', expect.objectContaining({ code })]);
  }
});

test.each([
  [['room', 'show', '7']],
  [['room', 'list', 'seven']],
  [['member', 'deny', ...inRoom, '7', 'bob']],
  [['member', 'deny', '7', '--bits', '4', ...inRoom]],
  [['member', 'deny', '7', '--all', '--bits', '4', ...inRoom]],
  [['member', 'deny', '7', '--users', '--bits', '4', ...inRoom]],
  [['member', 'deny', '7', '--users', 'all', '--bits', '4', ...inRoom]],
  [['member', 'deny', '--users', '@all', '--bits', '4', ...inRoom, '7', 'bob']],
  [['member', 'deny', '7', '--except', 'bob', '--bits', '4', ...inRoom]],
  [['member', 'deny', '--except', 'bob', '--bits', '4', ...inRoom, '7', 'ana']],
  [['member', 'deny', '--bits', 'everything', ...inRoom, '7', 'bob']],
  [['member', 'allow', '--bits', '4', '--for', '2h', ...inRoom, '7', 'bob']],
  [['member', 'kick', '7', ...inRoom]],
  [['member', 'ban', '--for', '2', '7', 'bob']],
  [['revoke', 'user', '7']],
  [['revoke', 'application', '7', '--before', 'yesterday']],
  [['revoke', 'application', '7', '--before', '2030-01-31T12:00:00']],
])('%j is a usage error', async (args) => {
  const { out, error } = await roomkey(...args);
  expect([isUsageError(error), out]).toEqual([true, '']);
});
