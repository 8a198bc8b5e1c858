import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { storedApplication } from '@roomkey/testkit';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoreFault } from '../ports/index.ts';
import { DataDirectory, type DataDirectoryOptions } from './data-directory.ts';

const SECRET = 'c0ffee'.repeat(10);
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

let parent: string;
let folder: string;
const opened: DataDirectory[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-data-'));
  folder = path.join(parent, 'data');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  for (const data of opened.splice(0)) await data.close();
  rmSync(parent, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const mode = (name: string): string => (statSync(name).mode & 0o777).toString(8);

async function open(options: Partial<DataDirectoryOptions> = {}): Promise<DataDirectory> {
  const data = await DataDirectory.open({ folder, create: true, waitMs: 0, ...options });
  opened.push(data);
  return data;
}

async function close(data: DataDirectory): Promise<void> {
  opened.splice(opened.indexOf(data), 1);
  await data.close();
}

/** A folder with one application, closed. */
async function used(options: Partial<DataDirectoryOptions> = {}): Promise<void> {
  const data = await open(options);
  const key = { keyId: 'k1', secret: SECRET, state: 'active', createdAt: 1 } as const;
  await data.applications.add(storedApplication({ sdkAppId: 7, keys: [key] }), []);
  await data.applications.add(
    storedApplication({ sdkAppId: 8, keys: [{ ...key, secret: `${SECRET}2` }] }),
    [],
  );
  await close(data);
}

async function refused(fault: StoreFault, message: RegExp, options: Partial<DataDirectoryOptions> = {}) {
  const error = await open(options).catch((reason) => reason);
  expect(error).toMatchObject({ name: 'StoreError', fault });
  expect(error.message).toMatch(message);
}

/** Runs a program in another process until it has printed a line. */
async function elsewhere(program: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: packageFolder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** Does something without the rights of root, who may write everything. */
async function asOrdinaryUser(job: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return job();
  chmodSync(parent, 0o755);
  chownSync(folder, 65_534, 65_534);
  for (const name of readdirSync(folder)) chownSync(at(name), 65_534, 65_534);
  process.seteuid?.(65_534);
  try {
    await job();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a new data folder', () => {
  test('is private, and so is everything in it', async () => {
    const data = await open();
    await data.applications.add(storedApplication(), []);
    expect(mode(folder)).toBe('700');
    expect(readdirSync(folder).sort()).toContain('master.key');
    for (const name of readdirSync(folder)) expect([name, mode(at(name))]).toEqual([name, '600']);
  });

  test('may be an empty folder that was made before', async () => {
    mkdirSync(folder, { mode: 0o755 });
    await open();
    expect(mode(folder)).toBe('700');
  });

  test('is not made by a command that only looks', async () => {
    await refused('databaseMissing', /Start the server once/, { create: false });
    expect(existsSync(folder)).toBe(false);
  });

  test('is not made in a folder that does not exist', async () => {
    folder = path.join(parent, 'missing', 'data');
    await refused('directoryMissing', /missing does not exist/);
  });

  test('is not made in place of a file', async () => {
    writeFileSync(folder, '');
    await refused('notADirectory', /is no folder/);
  });

  test('that others may read is refused once it holds something', async () => {
    mkdirSync(folder);
    writeFileSync(at('something'), '');
    chmodSync(folder, 0o750);
    await refused('exposed', /chmod 700/);
  });

  test('is finished after an interruption at any file', async () => {
    await open().then(close);
    rmSync(at('master.key'));
    const database = new Database(at('roomkey.db'));
    database.exec('delete from store_facts');
    database.close();
    await open().then(close);
    rmSync(at('master.key'));
    writeFileSync(at('roomkey.db'), '');
    await open();
  });
});

describe('the database', () => {
  test('that is gone is not silently made anew', async () => {
    await used();
    rmSync(at('roomkey.db'));
    await refused('databaseMissing', /roomkey\.db is gone/);
    expect(existsSync(at('roomkey.db'))).toBe(false);
  });

  test('that was cut to nothing counts as gone', async () => {
    await used();
    writeFileSync(at('roomkey.db'), '');
    await refused('databaseMissing', /roomkey\.db is gone/);
  });

  test('that is another kind of file is refused and left alone', async () => {
    await used();
    const text = 'this is a diary, and not a database. '.repeat(300);
    writeFileSync(at('roomkey.db'), text);
    await refused('notADatabase', /is no database/);
    expect(readFileSync(at('roomkey.db'), 'utf8')).toBe(text);
  });

  test('of another program is refused and left alone', async () => {
    await used();
    rmSync(at('roomkey.db'));
    const other = new Database(at('roomkey.db'));
    other.exec('create table recipes (name text)');
    other.close();
    const before = readFileSync(at('roomkey.db'));
    await refused('notADatabase', /belongs to another program/);
    expect(readFileSync(at('roomkey.db')).equals(before)).toBe(true);
  });

  test('that is damaged is refused', async () => {
    await used();
    const bytes = readFileSync(at('roomkey.db'));
    writeFileSync(at('roomkey.db'), bytes.fill(0x5a, 100, 4096));
    await refused('notADatabase', /is damaged/);
  });

  test('that another program holds is refused, and usable afterwards', async () => {
    await used();
    const holder = await elsewhere(`
      import Database from 'libsql';
      const database = new Database(${JSON.stringify(at('roomkey.db'))});
      database.exec('begin exclusive');
      console.log('held');
      setInterval(() => {}, 1000);
    `);
    await refused('locked', /held by another program/);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await (await open()).applications.load()).toHaveLength(2);
  });

  test('that is taken by another program meanwhile refuses the change and keeps the old state', async () => {
    await used();
    const data = await open();
    const other = new Database(at('roomkey.db'));
    other.exec('begin immediate');
    await expect(
      data.applications.saveKeyState({ sdkAppId: 7, version: 1 }, 'k1', 'retired', []),
    ).rejects.toMatchObject({
      fault: 'locked',
    });
    other.exec('rollback');
    other.close();
    expect((await data.applications.load())[0]?.keys[0]?.state).toBe('active');
    await data.applications.saveKeyState({ sdkAppId: 7, version: 1 }, 'k1', 'retired', []);
  });

  test('that may not be written is refused at the start', async () => {
    await used();
    chmodSync(at('roomkey.db'), 0o400);
    await asOrdinaryUser(() => refused('readOnly', /cannot be written/));
  });

  test('in a folder that may not be written is refused at the start', async () => {
    await used();
    rmSync(at('lock.db'));
    chmodSync(folder, 0o500);
    await asOrdinaryUser(() => refused('readOnly', /lock\.db cannot be made/));
    chmodSync(folder, 0o700);
  });

  test('in a folder of another user is refused to a command', async () => {
    await used();
    await asOrdinaryUser(async () => chmodSync(folder, 0o000));
    await asOrdinaryUser(() => refused('readOnly', /roomkey\.db cannot be read/, { create: false }));
    chmodSync(folder, 0o700);
  });

  test('of a newer version is refused and left alone', async () => {
    await used();
    const newer = new Database(at('roomkey.db'));
    newer.exec(`insert into kysely_migration values ('9999-later', '2099-01-01')`);
    const before = newer.prepare('select name from kysely_migration').all();
    newer.close();
    await refused('newer', /newer Roomkey/);
    const after = new Database(at('roomkey.db'));
    expect(after.prepare('select name from kysely_migration').all()).toEqual(before);
    after.close();
  });

  test('of an older version is brought up to date, with what is in it', async () => {
    await used();
    const older = new Database(at('roomkey.db'));
    older.exec(`alter table applications drop column grace_seconds`);
    older.exec(`alter table revocations rename to watermarks`);
    for (const table of ['applications', 'bans', 'watermarks'])
      older.exec(`alter table ${table} drop column version`);
    for (const table of ['denials', 'bans', 'watermarks'])
      older.exec(`alter table ${table} drop column actor_type`);
    for (const table of ['journal_outbox', 'usage', 'version_floors']) older.exec(`drop table ${table}`);
    older.exec(`delete from kysely_migration where name >= '0003'`);
    older.close();
    const data = await open();
    expect(await data.applications.load()).toMatchObject([
      { sdkAppId: 7, graceSeconds: 60, version: 1 },
      { sdkAppId: 8, graceSeconds: 60, version: 1 },
    ]);
    await close(data);
  });

  test('refuses values that no version writes', async () => {
    await used();
    const database = new Database(at('roomkey.db'));
    expect(() => database.exec(`update applications set permission_control = ''`)).toThrow(/CHECK/);
    database.close();
  });
});

describe('secrets at rest', () => {
  test('are in no file of the folder', async () => {
    const data = await open();
    const key = { keyId: 'k1', secret: SECRET, state: 'active', createdAt: 1 } as const;
    await data.applications.add(storedApplication({ keys: [key] }), []);
    await close(data);
    expect(readdirSync(folder)).toContain('roomkey.db');
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(at(name));
      expect([name, bytes.includes(SECRET)]).toEqual([name, false]);
      expect([name, bytes.includes(Buffer.from(SECRET, 'hex'))]).toEqual([name, false]);
      expect([name, bytes.includes(Buffer.from(SECRET).toString('base64'))]).toEqual([name, false]);
    }
  });

  test('open only for the application and key they were sealed for', async () => {
    await used();
    const database = new Database(at('roomkey.db'));
    database.exec(`update secret_keys set sealed_secret =
      (select sealed_secret from secret_keys where sdk_app_id = 8) where sdk_app_id = 7`);
    database.close();
    const data = await open();
    await expect(data.applications.load()).rejects.toMatchObject({
      fault: 'secretDamaged',
      message: expect.stringContaining('k1 of application 7'),
    });
  });

  test.each(['', 'v1.', 'v1.AAAA', 'v2.whatever'])(
    'that were overwritten with %j are noticed',
    async (text) => {
      await used();
      const database = new Database(at('roomkey.db'));
      database.prepare('update secret_keys set sealed_secret = ?').run(text);
      database.close();
      const data = await open();
      await expect(data.applications.load()).rejects.toMatchObject({ fault: 'secretDamaged' });
    },
  );
});

describe('the master key', () => {
  const MASTER = new Uint8Array(32).fill(7);

  test('from the environment leaves no file', async () => {
    await used({ masterKey: MASTER });
    expect(existsSync(at('master.key'))).toBe(false);
    expect(await (await open({ masterKey: MASTER })).applications.load()).toHaveLength(2);
  });

  test('that is gone is not silently made anew', async () => {
    await used();
    rmSync(at('master.key'));
    await refused('masterKeyMissing', /Restore one of them/);
    expect(existsSync(at('master.key'))).toBe(false);
  });

  test('that is another one is refused', async () => {
    await used();
    await refused('masterKeyWrong', /ROOMKEY_MASTER_KEY is not the master key/, { masterKey: MASTER });
    writeFileSync(at('master.key'), `${'0'.repeat(64)}\n`);
    await refused('masterKeyWrong', /master\.key is not the master key/);
  });

  test('that others may read is refused', async () => {
    await used();
    chmodSync(at('master.key'), 0o640);
    await refused('exposed', /chmod 600/);
  });

  test('that is no key is refused without being shown', async () => {
    await used();
    writeFileSync(at('master.key'), 'hush');
    await refused('masterKeyMalformed', /^(?!.*hush).*is no master key/);
  });

  test('opens a copied folder', async () => {
    await used();
    const copy = path.join(parent, 'copy');
    mkdirSync(copy, { mode: 0o700 });
    for (const name of ['roomkey.db', 'master.key']) copyFileSync(at(name), path.join(copy, name));
    folder = copy;
    expect((await (await open()).applications.load())[0]?.keys[0]?.secret).toBe(SECRET);
  });
});

describe('a folder in use', () => {
  test('is refused to a second holder in the same process', async () => {
    await open();
    await refused('inUse', /Another Roomkey process/);
    await refused('inUse', /Another Roomkey process/);
  });

  test('is refused to another process until the holder is killed, and nothing is lost', async () => {
    const holder = await elsewhere(`
      import { DataDirectory } from './src/store/data-directory.ts';
      const data = await DataDirectory.open({ folder: ${JSON.stringify(folder)}, create: true, waitMs: 0 });
      await data.applications.add({
        ...${JSON.stringify(storedApplication())}, roomControls: new Map([['n:1', 'off']]),
      }, []);
      console.log('held');
      setInterval(() => {}, 1000);
    `);
    await refused('inUse', /Another Roomkey process/);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const [application] = await (await open()).applications.load();
    expect(application).toEqual(storedApplication({ roomControls: new Map([['n:1', 'off']]) }));
  });

  test('is waited for', async () => {
    const first = await open();
    const second = open({ waitMs: 60_000 });
    await close(first);
    await expect(second).resolves.toBeInstanceOf(DataDirectory);
  });
});
