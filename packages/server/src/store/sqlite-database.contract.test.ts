import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Migration, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrations } from './migrations.ts';
import { openSqlite } from './sqlite-database.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'roomkey-sqlite-'));
  file = path.join(folder, 'roomkey.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const addTable = (name: string): Migration => ({
  up: async (db) => {
    await db.schema.createTable(name).addColumn('n', 'integer').execute();
  },
});
const fails: Migration = {
  up: async (db) => {
    await addTable('half_done').up(db);
    throw new Error('out of luck');
  },
};

const tables = async (db: Awaited<ReturnType<typeof openSqlite>>): Promise<string[]> =>
  (await db.introspection.getTables()).map(({ name }) => name).sort();

const mine = [
  'applications',
  'bans',
  'denials',
  'journal_outbox',
  'revocations',
  'room_controls',
  'secret_keys',
  'store_facts',
  'usage',
  'version_floors',
];

async function opened(steps?: Parameters<typeof openSqlite>[1]): Promise<string[]> {
  const db = await openSqlite(file, steps);
  const names = await tables(db);
  await db.destroy();
  return names;
}

test('a new database has every table, and opening it again changes nothing', async () => {
  expect(await opened()).toEqual(mine);
  expect(await opened()).toEqual(mine);
});

test('an older database gets the steps it lacks and keeps what it holds', async () => {
  const older = await openSqlite(file);
  await older.insertInto('store_facts').values({ name: 'kept', value: 'yes' }).execute();
  await older.destroy();
  const steps = { ...migrations, '9000-more': addTable('more'), '9001-most': addTable('most') };
  expect(await opened(steps)).toEqual([...mine, 'more', 'most'].sort());
  const newer = await openSqlite(file, steps);
  expect(await newer.selectFrom('store_facts').selectAll().execute()).toEqual([
    { name: 'kept', value: 'yes' },
  ]);
  await newer.destroy();
});

test('a step that fails undoes all that were new', async () => {
  await opened();
  const steps = { ...migrations, '9000-more': addTable('more'), '9001-fails': fails };
  await expect(openSqlite(file, steps)).rejects.toMatchObject({ name: 'StoreError', fault: 'failed' });
  expect(await opened()).toEqual(mine);
  expect(await opened({ ...migrations, '9000-more': addTable('more') })).toEqual([...mine, 'more'].sort());
});

test('a database that a newer program has changed is refused to this one', async () => {
  await opened({ ...migrations, '9000-more': addTable('more') });
  await expect(openSqlite(file)).rejects.toMatchObject({ fault: 'newer' });
});

test('what an older database holds has version 1 after the step that adds versions', async () => {
  const versions = '0005-versions';
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < versions));
  const older = await openSqlite(file, before);
  await sql`insert into applications (sdk_app_id, name, permission_control, expiry_policy, stale_key_policy,
    duplicate_policy, max_members_per_room, max_rooms, linger_seconds, created_at)
    values (7, 'old', 'off', 'keep', 'remove', 'replace', 1, 1, 0, 1)`.execute(older);
  await sql`insert into bans values (7, '', 'ana', 5, 'olga', 'operator', 1)`.execute(older);
  await sql`insert into revocations values (7, 'a', 5, 'olga', 'operator', 1)`.execute(older);
  await older.destroy();
  expect(migrations[versions]).toBeDefined();
  const newer = await openSqlite(file, migrations);
  for (const table of ['applications', 'bans', 'revocations'] as const)
    expect(await newer.selectFrom(table).select('version').execute()).toEqual([{ version: 1 }]);
  for (const table of ['bans', 'revocations'] as const)
    expect(await newer.selectFrom(table).select(['actor_type', 'actor']).execute()).toEqual([
      { actor_type: 'operator', actor: 'olga' },
    ]);
  await newer.destroy();
});
