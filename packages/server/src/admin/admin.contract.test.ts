import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { FakeApplicationStore, FakeJournal } from '@roomkey/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApplicationDirectory } from '../applications/index.ts';
import { Operator, OperatorLists } from '../operators/index.ts';
import type { StoredApplication } from '../ports/index.ts';
import { Restrictions } from '../restrictions/index.ts';
import { DataDirectory } from '../store/index.ts';
import { systemClock } from '../system-clock.ts';
import { type AdminClient, openAdmin } from './admin-client.ts';
import { AdminServer } from './admin-server.ts';

const status = {
  version: '0.0.0',
  pid: 1,
  url: 'http://localhost:8080',
  startedAt: 1_800_000_000_000,
  rooms: 2,
  members: 3,
};

let parent: string;
let folder: string;
const endings: (() => unknown)[] = [];
const faults: unknown[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-admin-'));
  folder = path.join(parent, 'data');
  faults.length = 0;
});

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
  rmSync(parent, { recursive: true });
});

/** What a server without rooms administers. */
async function administered(
  directory: ApplicationDirectory,
  data: Pick<DataDirectory, 'restrictions' | 'journal' | 'journalReader' | 'stateCheck' | 'usage'>,
) {
  const clock = systemClock;
  const restrictions = await Restrictions.open(data.restrictions, clock, data.journal);
  const { journal, journalReader } = data;
  const operator = new Operator({ applications: directory, restrictions, journal, clock });
  const lists = new OperatorLists(directory, restrictions);
  const state = { check: data.stateCheck, journal };
  return { directory, operator, lists, journal: journalReader, usage: data.usage, state };
}

/** A server's half of the administration; `asked` hears of each request for its status. */
async function serving(asked: () => void = () => {}) {
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
  endings.push(() => data.close());
  const directory = await ApplicationDirectory.open(data.applications, { now: Date.now }, new FakeJournal());
  const admin = await AdminServer.start({
    folder,
    ...(await administered(directory, data)),
    status: () => {
      asked();
      return status;
    },
    onFault: (error) => faults.push(error),
  });
  endings.push(() => admin.close());
  return { data, directory, admin };
}

async function client(options: { waitMs?: number } = {}): Promise<AdminClient> {
  const admin = await openAdmin({ folder, waitMs: 0, ...options });
  endings.push(() => admin.close());
  return admin;
}

async function prepared(): Promise<void> {
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
  await data.close();
}

/** What a killed server leaves: a socket that nobody listens on. */
async function leaveSocket(): Promise<void> {
  const program = `require('node:net').createServer().listen(process.argv[1], () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', program, path.join(folder, 'admin.sock')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Adds an application only when it is told to go on. */
class SlowStore extends FakeApplicationStore {
  #heard = () => {};
  readonly asked = new Promise<void>((resolve) => {
    this.#heard = resolve;
  });
  goOn = () => {};

  override async add(application: StoredApplication): Promise<void> {
    this.#heard();
    await new Promise<void>((resolve) => {
      this.goOn = resolve;
    });
    await super.add(application, []);
  }
}

/** A raw connection: lines go in, parsed lines come out. */
async function raw(): Promise<{
  socket: Socket;
  ask(line: string): Promise<unknown>;
  answer(): Promise<unknown>;
}> {
  const socket = connect(path.join(folder, 'admin.sock'));
  endings.push(() => socket.destroy());
  await once(socket, 'connect');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value } = await lines.next();
    return value === undefined ? undefined : JSON.parse(value);
  };
  return {
    socket,
    answer,
    ask: (line) => {
      socket.write(`${line}\n`);
      return answer();
    },
  };
}

describe.each(['server', 'store'] as const)('through the %s', (via) => {
  const open = async (): Promise<AdminClient> => {
    if (via === 'server') await serving();
    else await prepared();
    const admin = await client();
    expect(admin.via).toBe(via);
    return admin;
  };

  test('an application is made, changed and shown', async () => {
    const admin = await open();
    const made = await admin.call('app.create', { sdkAppId: 7, settings: { name: 'shop' } });
    expect(made.key.secret).toMatch(/^[0-9a-f]{64}$/);
    await admin.call('app.set', { sdkAppId: 7, settings: { permissionControl: 'observe' } });
    const { key } = await admin.call('app.addKey', { sdkAppId: 7, secret: 'f'.repeat(64) });
    expect(key).toEqual({ keyId: 'k2' });
    await admin.call('app.setKeyState', { sdkAppId: 7, keyId: 'k1', state: 'retired' });
    await admin.call('app.setRoomControl', { sdkAppId: 7, room: { roomId: 5 }, permissionControl: 'off' });
    await admin.call('app.setRoomControl', {
      sdkAppId: 7,
      room: { strRoomId: '5' },
      permissionControl: 'off',
    });
    await admin.call('app.clearRoomControl', { sdkAppId: 7, room: { strRoomId: '5' } });
    const { application } = await admin.call('app.show', { sdkAppId: 7 });
    expect(application).toMatchObject({
      sdkAppId: 7,
      settings: { name: 'shop', permissionControl: 'observe' },
      keys: [
        { keyId: 'k1', state: 'retired' },
        { keyId: 'k2', state: 'active' },
      ],
      roomControls: 1,
    });
    expect(await admin.call('app.listRoomControls', { sdkAppId: 7 })).toEqual({
      roomControls: [{ room: { roomId: 5 }, permissionControl: 'off' }],
    });
    expect(await admin.call('app.list', {})).toEqual({ applications: [application] });
    await admin.close();
  });

  test('a refusal has its own name', async () => {
    const admin = await open();
    await expect(admin.call('app.show', { sdkAppId: 9 })).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'applicationUnknown',
    });
    await expect(admin.call('app.create', { settings: { maxRooms: 0 } })).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining('maxRooms'),
    });
  });

  test('wrong parameters are refused with the name of the field and without its value', async () => {
    const admin = await open();
    for (const [params, field] of [
      [{ settings: { permissionControl: 'hush' } }, 'settings.permissionControl'],
      [{ settings: {}, secret: ['hush'] }, 'secret'],
      [{ settings: { colour: 'hush' } }, 'settings'],
      [{ settings: 'hush' }, 'settings'],
      [{}, 'settings'],
    ] as const) {
      // @ts-expect-error a caller without types
      const refusal = await admin.call('app.create', params).catch((error) => error);
      expect(refusal).toMatchObject({ code: 'invalidParams', message: expect.stringContaining(`${field}:`) });
      expect(refusal.message).not.toContain('hush');
    }
  });

  test('an unknown method is refused', async () => {
    const admin = await open();
    // @ts-expect-error a caller without types
    await expect(admin.call('app.destroy', {})).rejects.toMatchObject({ code: 'methodNotFound' });
    // @ts-expect-error a caller without types
    await expect(admin.call('toString', {})).rejects.toMatchObject({ code: 'methodNotFound' });
  });
});

describe('the server', () => {
  test('tells its status, which nobody else can', async () => {
    await serving();
    expect(await (await client()).call('server.status', {})).toEqual(status);
    for (const end of endings.splice(0).reverse()) await end();
    await expect((await client()).call('server.status', {})).rejects.toMatchObject({
      message: 'No server runs on this data folder.',
    });
  });

  test('hears its changes at once', async () => {
    const { directory } = await serving();
    const heard: unknown[] = [];
    directory.onChange(({ actor, action }) => heard.push([actor, action]));
    const admin = await client();
    await admin.call('app.create', { sdkAppId: 7, settings: {} });
    expect(heard).toEqual([[{ type: 'operator', id: 'command line' }, 'create']]);
    expect(directory.find(7)?.keys).toHaveLength(1);
  });

  test('listens on a socket that only its owner can open', async () => {
    await serving();
    expect((statSync(path.join(folder, 'admin.sock')).mode & 0o777).toString(8)).toBe('600');
  });

  test('takes over the socket of a server that was killed', async () => {
    await prepared();
    await leaveSocket();
    await serving();
    expect((await client()).via).toBe('server');
  });

  test('does not remove what is no socket', async () => {
    await prepared();
    writeFileSync(path.join(folder, 'admin.sock'), 'notes');
    await expect(serving()).rejects.toMatchObject({ name: 'AdminError', fault: 'notASocket' });
    expect(statSync(path.join(folder, 'admin.sock')).size).toBe(5);
  });

  test('says so when the path of the socket is too long', async () => {
    folder = path.join(parent, 'x'.repeat(100));
    await expect(serving()).rejects.toMatchObject({
      fault: 'socketPathTooLong',
      message: expect.stringContaining('symbolic link'),
    });
    const short = path.join(parent, 'short');
    symlinkSync(folder, short);
    for (const end of endings.splice(0).reverse()) await end();
    folder = short;
    await serving();
    expect((await client()).via).toBe('server');
  });

  test('ends every connection and leaves no socket when it closes', async () => {
    const { admin } = await serving();
    const idle = await raw();
    const ended = once(idle.socket, 'close');
    await admin.close();
    await admin.close();
    await ended;
    expect(() => statSync(path.join(folder, 'admin.sock'))).toThrow('ENOENT');
  });

  test('answers what is in work before it closes', async () => {
    const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
    endings.push(() => data.close());
    const store = new SlowStore();
    const directory = await ApplicationDirectory.open(store, { now: Date.now }, new FakeJournal());
    const rest = await administered(directory, data);
    const admin = await AdminServer.start({ folder, ...rest, status: () => status, onFault: () => {} });
    const busy = await client();
    const answer = busy.call('app.create', { sdkAppId: 7, settings: {} });
    await store.asked;
    const closed = admin.close();
    store.goOn();
    expect((await answer).application.sdkAppId).toBe(7);
    await closed;
    await expect(busy.call('app.list', {})).rejects.toMatchObject({ fault: 'connectionLost' });
  });

  test('does not wait for ever for what is in work', async () => {
    const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
    endings.push(() => data.close());
    const store = new SlowStore();
    const directory = await ApplicationDirectory.open(store, { now: Date.now }, new FakeJournal());
    const rest = await administered(directory, data);
    const admin = await AdminServer.start({ folder, ...rest, status: () => status, onFault: () => {} });
    const busy = await client();
    const answer = busy.call('app.create', { sdkAppId: 7, settings: {} });
    const failed = expect(answer).rejects.toMatchObject({ fault: 'connectionLost' });
    await store.asked;
    await admin.close({ withinMs: 50 });
    await failed;
    store.goOn();
  });

  test('takes a new connection for the oldest that asks nothing', async () => {
    await serving();
    const idle = [];
    for (let i = 0; i < 40; i++) idle.push(await raw());
    const [oldest] = idle;
    if (!oldest?.socket.closed) await once(oldest?.socket as Socket, 'close');
    expect((await (await client()).call('app.list', {})).applications).toEqual([]);
  });

  test('answers no faster than its answers are read', async () => {
    let answers = 0;
    await serving(() => {
      answers += 1;
    });
    const socket = connect(path.join(folder, 'admin.sock'));
    endings.push(() => socket.destroy());
    socket.pause();
    const many = 20_000;
    socket.write('{"jsonrpc":"2.0","id":1,"method":"server.status"}\n'.repeat(many));
    let before = -1;
    while (answers > before) {
      before = answers;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(answers).toBeGreaterThan(0);
    expect(answers).toBeLessThan(many / 2);
    expect((await (await client()).call('app.list', {})).applications).toEqual([]);
    socket.resume();
    await expect.poll(() => answers, { timeout: 20_000 }).toBe(many);
  });

  test('takes a new connection for one that does not read its answers, when all others have a request in work', async () => {
    await serving();
    const unread: Socket[] = [];
    for (let i = 0; i < 32; i++) {
      const { socket } = await raw();
      socket.pause();
      socket.write('{"jsonrpc":"2.0","id":1,"method":"server.status"}\n'.repeat(3000));
      unread.push(socket);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await (await client()).call('app.list', {})).applications).toEqual([]);
  });

  test('leaves a turn to everybody else after each request, however many came at once', async () => {
    let answers = 0;
    let turns = 0;
    await serving(() => {
      answers += 1;
    });
    const { socket } = await raw();
    socket.resume();
    socket.write('{"jsonrpc":"2.0","id":1,"method":"server.status"}\n'.repeat(300));
    while (answers === 0) await new Promise(setImmediate);
    for (; answers < 300; turns++) await new Promise(setImmediate);
    expect(turns).toBeGreaterThan(250);
  });

  test('tells of a fault that is not the caller’s', async () => {
    const { data } = await serving();
    await data.close();
    endings.shift();
    await expect((await client()).call('app.create', { settings: {} })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Nothing was changed'),
    });
    expect(faults).toHaveLength(1);
  });
});

describe('the socket', () => {
  test.each([
    ['not json', 'parseError', null],
    ['[]', 'invalidRequest', null],
    ['{"jsonrpc":"1.0","id":1,"method":"app.list"}', 'invalidRequest', 1],
    ['{"jsonrpc":"2.0","method":"app.list"}', 'invalidRequest', null],
    ['{"jsonrpc":"2.0","id":1,"method":"app.none"}', 'methodNotFound', 1],
    ['{"jsonrpc":"2.0","id":"a","method":"app.show","params":{"sdkAppId":"7"}}', 'invalidParams', 'a'],
  ])('answers %j with %s and goes on', async (line, name, id) => {
    await serving();
    const connection = await raw();
    expect(await connection.ask(line)).toMatchObject({ id, error: { data: { name } } });
    expect(await connection.ask('{"jsonrpc":"2.0","id":2,"method":"app.list"}')).toMatchObject({
      id: 2,
      result: { applications: [] },
    });
    expect(faults).toEqual([]);
  });

  test('refuses a message that is too long, with or without an end', async () => {
    await serving();
    for (const end of ['', '\n']) {
      const connection = await raw();
      connection.socket.write(`${'x'.repeat(2_100_000)}${end}`);
      expect(await connection.answer()).toMatchObject({ error: { data: { name: 'invalidRequest' } } });
      expect(await connection.answer()).toBeUndefined();
    }
  });

  test('takes as many users as its schema does, each by the longest name and with a version', async () => {
    await serving();
    const admin = await client();
    const sdkAppId = 7;
    await admin.call('app.create', { sdkAppId, settings: {} });
    const only = Array.from({ length: 10_000 }, (_, i) => `${'u'.repeat(27)}${10_000 + i}`);
    const room = { strRoomId: 'r'.repeat(64) };
    const change = { sdkAppId, room, users: { only }, mask: 4, value: 4, cause: 'c'.repeat(64) };
    const expectedVersion = only.map((userId): [string, number] => [userId, 0]);
    expect((await admin.call('member.setDenied', { ...change, expectedVersion })).changed).toBe(10_000);
    const longest = only.map((userId) => userId.padEnd(64, 'u'));
    const most = longest.map((userId): [string, number] => [userId, Number.MAX_SAFE_INTEGER]);
    const largest = { ...change, users: { only: longest }, expectedVersion: most };
    await expect(admin.call('member.setDenied', largest)).rejects.toMatchObject({ code: 'userIdIllegal' });
  });

  test('takes messages in any pieces, and answers in order', async () => {
    await serving();
    const connection = await raw();
    const ask = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"app.list","params":{}}\n`;
    connection.socket.write(ask(1) + ask(2).slice(0, 20));
    expect(await connection.answer()).toMatchObject({ id: 1 });
    connection.socket.write(ask(2).slice(20) + ask(3));
    expect(await connection.answer()).toMatchObject({ id: 2 });
    expect(await connection.answer()).toMatchObject({ id: 3 });
  });
});

describe('a client', () => {
  test('finds no data where there is none', async () => {
    await expect(client()).rejects.toMatchObject({ name: 'StoreError', fault: 'databaseMissing' });
  });

  test('waits for another one that works on the folder itself', async () => {
    await prepared();
    const first = await client();
    expect(first.via).toBe('store');
    const second = client({ waitMs: 60_000 });
    await first.call('app.create', { sdkAppId: 7, settings: {} });
    await first.close();
    expect((await (await second).call('app.show', { sdkAppId: 7 })).application.sdkAppId).toBe(7);
  });

  test('says so when a process holds the folder and does not answer', async () => {
    const data = await DataDirectory.open({ folder, create: true, waitMs: 0 });
    endings.push(() => data.close());
    await expect(client()).rejects.toMatchObject({ name: 'AdminError', fault: 'unreachable' });
  });

  test('ignores the socket of a server that was killed', async () => {
    await prepared();
    await leaveSocket();
    expect((await client()).via).toBe('store');
  });

  test('says so when the server ends before it answers', async () => {
    mkdirSync(folder);
    const deaf = createServer((socket) => socket.once('data', () => socket.destroy()));
    deaf.listen(path.join(folder, 'admin.sock'));
    await once(deaf, 'listening');
    endings.push(() => new Promise((resolve) => deaf.close(resolve)));
    await expect((await client()).call('app.list', {})).rejects.toMatchObject({ fault: 'connectionLost' });
  });

  test('says so when the answer is of another version', async () => {
    mkdirSync(folder);
    const strange = createServer((socket) =>
      socket.once('data', () => socket.end('{"jsonrpc":"2.0","id":1,"result":{"apps":[]}}\n')),
    );
    strange.listen(path.join(folder, 'admin.sock'));
    await once(strange, 'listening');
    endings.push(() => new Promise((resolve) => strange.close(resolve)));
    await expect((await client()).call('app.list', {})).rejects.toMatchObject({ fault: 'answerUnreadable' });
  });
});
