import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig, RoomkeyServer } from '@roomkey/server';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addAppCommands } from '../app/commands.ts';
import { addMemberCommands } from '../member/commands.ts';
import { isUsageError, type Outcome, runCommandLine } from '../terminal/command-line.fixture.ts';
import { addJournalCommands } from './commands.ts';

const SECRET = 'f0'.repeat(32);

let parent: string;
let env: NodeJS.ProcessEnv;
let server: RoomkeyServer | undefined;

const file = (name: string): string => path.join(parent, 'data', name);

const start = (): Promise<RoomkeyServer> =>
  RoomkeyServer.start(loadConfig({ ...env, ROOMKEY_WORKER_BIN: process.env['ROOMKEY_WORKER_BIN'] }));

const roomkey = (...args: string[]): Promise<Outcome> =>
  runCommandLine([addAppCommands, addMemberCommands, addJournalCommands], args, { env: { ...env, SECRET } });

async function good(...args: string[]): Promise<string> {
  const { out, error } = await roomkey(...args);
  expect(error).toBeUndefined();
  return out;
}

const json = async (...args: string[]) => JSON.parse(await good(...args, '--json'));

beforeEach(async () => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-journal-'));
  env = {
    ROOMKEY_DATA_DIR: file(''),
    ROOMKEY_PORT: '0',
    ROOMKEY_MEDIA_PORT: '0',
    ROOMKEY_WORKERS: '1',
    ROOMKEY_DEMO: 'off',
    ROOMKEY_LOG_LEVEL: 'silent',
  };
  server = await start();
  await good('app', 'create', '--sdk-app-id', '7', '--secret-env', 'SECRET');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(parent, { recursive: true });
});

/** Whether a server answers makes no difference. */
const ways = [
  ['with a running server', async () => {}],
  [
    'without a server',
    async () => {
      await server?.close();
      server = undefined;
    },
  ],
] as const;

describe.each(ways)('%s', (_way, come) => {
  beforeEach(come);

  test('what operators do is shown, the newest last', async () => {
    await good('member', 'deny', '--bits', 'sendAudio', '--room-id', '1', '--cause', 'too loud', '7', 'bob');
    await good('member', 'ban', '--str-room-id', 'a room', '7', 'eve');
    await good('app', 'set', '7', '--permission-control', 'off');
    const out = await good('journal', 'show', '--app', '7');
    const lines = out.split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatch(/^RECORD +TIME +KIND +SDKAPPID +ROOM +USER +ACTOR +CAUSE +BITS +MORE$/);
    expect(lines[1]).toMatch(/ application +7 +- +- +operator command line +create +- +.*keyId k1/);
    expect(lines[2]).toMatch(
      / denied +7 +1 +bob +operator command line +too loud +- +denied 0 > 4, version 1, expiresAt \d+, since \d+$/,
    );
    expect(lines[3]).toMatch(/ banned +7 +"a room" +eve +operator command line +operator +- +until \d+$/);
    expect(lines[4]).toMatch(/ application +7 +- +- +operator command line +set +- +permissionControl off$/);
    expect(out).not.toContain(SECRET);
  });

  test('records are chosen by room, user, kind and time, and limited', async () => {
    for (const user of ['ana', 'bob']) await good('member', 'ban', '--room-id', '1', '7', user);
    await good('member', 'unban', '--room-id', '1', '7', 'bob');
    const kinds = async (...args: string[]) =>
      (await json('journal', 'show', '--app', '7', ...args)).records.map(
        ({ kind, userId }: Record<string, string>) => [kind, userId],
      );
    const banned = ['banned', 'bob'];
    const unbanned = ['unbanned', 'bob'];
    expect(await kinds('--user', 'bob')).toEqual([banned, unbanned]);
    expect(await kinds('--room-id', '1', '--kind', 'banned', 'unbanned')).toEqual([
      ['banned', 'ana'],
      banned,
      unbanned,
    ]);
    expect(await kinds('--str-room-id', '1')).toEqual([]);
    expect(await kinds('--limit', '2')).toEqual([banned, unbanned]);
    expect(await kinds('--since', '1h', '--user', 'ana')).toEqual([['banned', 'ana']]);
    expect(await kinds('--until', '1h')).toEqual([]);
    expect((await roomkey('journal', 'show', '--limit', '2')).err).toMatch(/older ones/);
    expect((await roomkey('journal', 'show')).err).toBe('');
  });

  test.each([
    ['--user', '@all', 'userIdIllegal'],
    ['--user', '', 'userIdIllegal'],
    ['--user', 'a b', 'userIdIllegal'],
    ['--room-id', '0', 'roomIdIllegal'],
    ['--str-room-id', 'a/b', 'strRoomIdIllegal'],
  ])(
    '%s %j, which nobody can be, is refused and not answered with no record',
    async (option, value, code) => {
      for (const command of ['show', 'export'])
        expect(await roomkey('journal', command, option, value)).toMatchObject({ out: '', error: { code } });
    },
  );

  test('a whole journal is exported, one record a line, the oldest first', async () => {
    const users = Array.from({ length: 1200 }, (_, n) => `u${n}`);
    await good('member', 'deny', '--bits', 'sendAudio', '--room-id', '1', '7', ...users);
    const lines = (await good('journal', 'export')).split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, n) => n + 1));
    expect(lines.filter(({ kind }) => kind === 'denied').map(({ userId }) => userId)).toEqual(users);
    expect(lines[0]).toMatchObject({
      kind: 'started',
      actor: { type: 'system' } as const,
      code: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const target = path.join(parent, 'out.jsonl');
    const { out, err } = await roomkey('journal', 'export', '--kind', 'denied', '--out', target);
    expect([out, err]).toEqual(['', `${target}: 1,200 records.`]);
    expect(readFileSync(target, 'utf8').match(/\n/g)).toHaveLength(1200);
    expect((statSync(target).mode & 0o777).toString(8)).toBe('600');
    expect((await roomkey('journal', 'export', '--out', target)).error).toMatchObject({
      message: expect.stringContaining('is there already'),
    });
  });

  test('an export that fails leaves no file behind that could be taken for a whole one', async () => {
    const target = path.join(parent, 'failed.jsonl');
    const { error } = await roomkey('journal', 'export', '--user', '@all', '--out', target);
    expect(error).toMatchObject({ code: 'userIdIllegal' });
    expect(existsSync(target)).toBe(false);
  });

  test('a journal as it was written is verified, and what that cannot see is said', async () => {
    const { out, err, error } = await roomkey('journal', 'verify');
    expect([error, err]).toEqual([undefined, '']);
    expect(out).toMatch(/^\d records, 1 to \d: each as it was written, in its place, none missing/);
    expect(out).toContain('What this cannot see:\n- Whether ');
    const seen = await json('journal', 'verify');
    expect(seen).toMatchObject({ ok: true, pruned: 0, checked: seen.last, unseen: expect.any(Array) });
  });
});

describe('what was changed', () => {
  beforeEach(async () => {
    for (const user of ['ana', 'bob', 'eve']) await good('member', 'ban', '7', user);
    await server?.close();
    server = undefined;
  });

  const tamper = (sql: string): void => {
    const database = new Database(file('journal.db'));
    database.exec(sql);
    database.close();
  };

  const finding = async (...args: string[]) => {
    const { out, error } = await roomkey('journal', 'verify', ...args);
    return { out, message: error instanceof Error ? error.message : '' };
  };

  test.each([
    [
      `update records set user_id = 'dan' where seq = 4`,
      'changed',
      /Record 4 is not what was written in this place/,
    ],
    ['delete from records where seq in (3, 4)', 'missing', /Records 3 to 4 are missing\./],
    [
      'delete from records where seq > 4',
      'cut',
      /Records 5 to \d are missing at the end: line \d of .*journal\.anchors says/,
    ],
  ])('by %j is named, and the exit code is 1', async (sql, problem, message) => {
    tamper(sql);
    const found = await finding();
    expect(found.message).toMatch(message);
    expect(found.out).toBe('');
    const { out } = await finding('--json');
    expect(JSON.parse(out)).toMatchObject({ ok: false, finding: { problem } });
    // What is written honestly afterwards hides nothing.
    server = await start();
    expect((await finding()).message).toMatch(/^the journal is not as it was written\. (Record|Line)/);
  });

  test('at the end, with all anchors here, is found by anchors that were kept elsewhere', async () => {
    const elsewhere = path.join(parent, 'kept');
    writeFileSync(elsewhere, readFileSync(file('journal.anchors')));
    tamper('delete from records where seq > 4');
    rmSync(file('journal.anchors'));
    for (let again = 0; again < 2; again++)
      expect((await finding()).message).toMatch(/There are records, and .*journal\.anchors has no anchor/);
    expect((await finding('--anchors', elsewhere)).message).toMatch(
      /missing at the end: line \d of .*kept says/,
    );
  });

  test('among a thousand anchors is named by its line', async () => {
    const [anchor = ''] = readFileSync(file('journal.anchors'), 'utf8').split('\n');
    for (let n = 0; n < 250; n++) appendFileSync(file('journal.anchors'), `${anchor}\n`);
    appendFileSync(file('journal.anchors'), `${'x'.repeat(9000)}\n`);
    expect((await finding()).message).toMatch(/Line 25\d of .*journal\.anchors is no anchor/);
  });
});

test('a command without a server that finds no way into the journal does nothing', async () => {
  await server?.close();
  server = undefined;
  const holder = new Database(file('journal.db'));
  holder.exec('begin exclusive');
  const { error } = await roomkey('member', 'ban', '7', 'bob');
  holder.close();
  expect(error).toMatchObject({ message: expect.stringMatching(/journal/) });
  expect((await json('member', 'bans', '7')).bans).toEqual([]);
});

describe('a database that somebody has changed', () => {
  beforeEach(async () => {
    await good('member', 'deny', '--bits', 'sendAudio', '--room-id', '1', '7', 'bob');
    await server?.close();
    server = undefined;
    const database = new Database(file('roomkey.db'));
    database.exec(
      `delete from denials; update applications set permission_control = 'off' where sdk_app_id = 7`,
    );
    database.close();
  });

  test('is found, where it differs, with exit code 1, and told by a server that starts', async () => {
    const { error, out } = await roomkey('journal', 'verify');
    expect(out).toBe('');
    expect(error).toMatchObject({
      message: expect.stringMatching(/The records do not lead to what the database holds/),
    });
    const { message } = error as Error;
    expect(message).toMatch(
      /^- application 7 permissionControl: the database holds off, the records lead to enforce$/m,
    );
    expect(message).toMatch(
      /^- denial 7 n:1 bob: the database holds nothing, the records lead to mask 4, version 1/m,
    );
    const seen = JSON.parse((await roomkey('journal', 'verify', '--json')).out);
    expect(seen).toMatchObject({ ok: false, differing: 2 });
    server = await start();
    await vi.waitFor(async () => {
      const ready = await (await fetch(`${server?.url}/readyz`)).json();
      expect(ready).toMatchObject({ ready: true, warnings: ['stateDiffers'] });
    });
  });

  test('is found also where the outbox holds what the server has not written', async () => {
    expect(await good('journal', 'accept')).toBe('On record as accepted: 2.');
    const database = new Database(file('roomkey.db'));
    database.exec(
      `insert into journal_outbox values ('made-up', '{"at":1,"kind":"unbanned","sdkAppId":7}', '${'00'.repeat(32)}')`,
    );
    database.close();
    expect((await roomkey('journal', 'verify')).error).toMatchObject({
      message: expect.stringMatching(
        /The outbox in roomkey\.db holds what the server has not written \(1 record\)/,
      ),
    });
    const seen = JSON.parse((await roomkey('journal', 'verify', '--json')).out);
    expect(seen).toMatchObject({ ok: false, differing: 0, forged: 1 });
  });

  test('can be accepted, which is on record', async () => {
    expect(await good('journal', 'accept')).toBe('On record as accepted: 2.');
    expect(await good('journal', 'verify')).toMatch(/The database holds what the records lead to/);
    expect(await good('journal', 'accept')).toBe('There is nothing to accept.');
    expect(await good('journal', 'show', '--kind', 'standing')).toMatch(
      / standing +7 .*operator command line +accepted/,
    );
  });
});

test.each([
  [['journal']],
  [['journal', 'show', '--kind', 'nonsense']],
  [['journal', 'show', '--since', 'yesterday']],
  [['journal', 'show', '--limit', '0']],
  [['journal', 'show', '--room-id', '1', '--str-room-id', '1']],
  [['journal', 'export', '--limit', '3']],
])('%j is a usage error', async (args) => {
  const { out, error } = await roomkey(...args);
  expect([isUsageError(error), out]).toEqual([true, '']);
});

test('anchors that are not there are said', async () => {
  const { error } = await roomkey('journal', 'verify', '--anchors', path.join(parent, 'nothing'));
  expect(error).toMatchObject({ message: expect.stringContaining('There is no file') });
  expect(existsSync(path.join(parent, 'nothing'))).toBe(false);
});
