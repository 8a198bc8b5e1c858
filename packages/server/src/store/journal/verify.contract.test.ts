import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalRecord, StoreError } from '../../ports/index.ts';
import { DataDirectory } from '../data-directory.ts';
import { JournalChain } from './chain.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

let parent: string;
let now: number;
let elapsed: number;
let troubles: StoreError[];
const opened: DataDirectory[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-verify-'));
  now = NOW;
  elapsed = 0;
  troubles = [];
});

afterEach(async () => {
  for (const data of opened.splice(0)) await data.close();
  rmSync(parent, { recursive: true });
});

const file = (name: string): string => path.join(parent, 'data', name);

async function open(days?: number): Promise<DataDirectory> {
  const events = {
    failing: () => {},
    recovered: () => {},
    anchored: () => {},
    trouble: (fault: StoreError) => troubles.push(fault),
  };
  const journal = { days, events, now: () => now, elapsed: () => elapsed };
  const data = await DataDirectory.open({ folder: file('.'), create: true, waitMs: 0, journal });
  opened.push(data);
  return data;
}

async function close(data: DataDirectory): Promise<void> {
  opened.splice(opened.indexOf(data), 1);
  await data.close();
}

const record = (userId: string): JournalRecord => ({
  at: now,
  kind: 'entered',
  sdkAppId: 7,
  room: 'n:1',
  userId,
  actor: { type: 'user', id: userId },
  cause: 'privateMapKey',
  after: 255,
});

/** One life of the journal in which some records are kept; a closed journal ends with an anchor. */
async function life(records: number, days?: number): Promise<void> {
  const data = await open(days);
  for (let n = 0; n < records; n++) data.journal.append(record(`u${n}`));
  await close(data);
}

/** The same, and the process runs for a day. */
async function day(records: number): Promise<void> {
  const data = await open();
  for (let n = 0; n < records; n++) data.journal.append(record(`u${n}`));
  await data.journal.settled();
  now += DAY;
  elapsed += DAY;
  await close(data);
}

/** Changes the file as somebody would who has the database and no key. */
function tamper(sql: string): void {
  const database = new Database(file('journal.db'));
  database.exec(sql);
  database.close();
}

/** The anchors, without the one that is set before the first record. */
const anchors = (): string[] => {
  const lines = readFileSync(file('journal.anchors'), 'utf8').split('\n').filter(Boolean);
  return lines.filter((line) => !line.includes('"count":0,'));
};

/** What a whole verification says, step by step, and of the anchors. */
async function verify(lines = existsSync(file('journal.anchors')) ? anchors() : []) {
  const data = await open();
  let [checked, after]: [number, number | undefined] = [0, undefined];
  for (;;) {
    const step = await data.journalReader.verify(after);
    checked += step.checked;
    if (step.finding) return { checked, finding: step.finding };
    if (step.next === undefined) break;
    after = step.next;
  }
  const { finding, ...of } = await data.journalReader.verifyAnchors(lines);
  await close(data);
  return { checked, anchors: of, ...(finding ? { finding } : {}) };
}

describe('a journal as it was written', () => {
  test('is good, over many steps and several lives', async () => {
    await life(3000);
    await life(1500);
    expect(await verify()).toEqual({ checked: 4500, anchors: { checked: 2, older: 0, upTo: 4500 } });
    expect(troubles).toEqual([]);
  });

  test('is good when there is nothing in it', async () => {
    await life(0);
    expect(await verify()).toEqual({ checked: 0, anchors: { checked: 0, older: 0, upTo: 0 } });
    expect(readFileSync(file('journal.anchors'), 'utf8')).toMatch(/^\{"at":\d+,"count":0,/);
  });

  test('has anchors that only the owner can read, and says no key and no user in them', async () => {
    await life(3);
    expect((statSync(file('journal.anchors')).mode & 0o777).toString(8)).toBe('600');
    const [anchor = ''] = anchors();
    expect(JSON.parse(anchor)).toEqual({
      at: NOW,
      count: 3,
      head: expect.stringMatching(/^[0-9a-f]{64}$/),
      code: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe('what somebody without the key changes in the records is found', () => {
  beforeEach(() => life(5));

  test.each([
    ['the time', 'update records set at = at + 1 where seq = 3'],
    ['the kind', `update records set kind = 'left' where seq = 3`],
    ['the application', 'update records set sdk_app_id = 8 where seq = 3'],
    ['the room', `update records set room = 's:1' where seq = 3`],
    ['the user', `update records set user_id = null where seq = 3`],
    ['the bits', `update records set body = replace(body, '255', '254') where seq = 3`],
    ['the type of a value', `update records set at = 'soon' where seq = 3`],
    ['a body that is no JSON', `update records set body = 'x' where seq = 3`],
    ['the code', `update records set code = zeroblob(32) where seq = 3`],
    ['the length of the code', `update records set code = x'00' where seq = 3`],
    ['the type of the code', `update records set code = 'text' where seq = 3`],
    [
      'two records swapped',
      'update records set seq = -seq where seq in (3, 4); update records set seq = 7 + seq where seq < 0',
    ],
    [
      'a record under another number',
      'delete from records where seq = 3; update records set seq = seq - 1 where seq > 3',
    ],
    [
      'a record in the place of another',
      'delete from records where seq = 3; insert into records select 3, at, kind, sdk_app_id, room, user_id, body, code, id from records where seq = 2',
    ],
  ])('%s', async (_what, sql) => {
    tamper(sql);
    expect(await verify()).toEqual({ checked: 2, finding: { problem: 'changed', seq: 3 } });
  });

  test.each([
    [
      'deleted in the middle',
      'delete from records where seq in (3, 4)',
      { problem: 'missing', seq: 3, upTo: 4 },
    ],
    [
      'deleted at the beginning',
      'delete from records where seq <= 2',
      { problem: 'missing', seq: 1, upTo: 2 },
    ],
    [
      'added before the first',
      'insert into records select 0, at, kind, sdk_app_id, room, user_id, body, code, id from records where seq = 1',
      { problem: 'added', seq: 0 },
    ],
    [
      'added behind the last',
      'insert into records select 6, at, kind, sdk_app_id, room, user_id, body, code, id from records where seq = 5',
      { problem: 'changed', seq: 6 },
    ],
    [
      'added far behind the last',
      'insert into records select 9000, at, kind, sdk_app_id, room, user_id, body, code, id from records where seq = 5',
      { problem: 'missing', seq: 6, upTo: 8999 },
    ],
  ])('a record %s', async (_what, sql, finding) => {
    tamper(sql);
    expect(await verify()).toMatchObject({ finding });
  });

  test('records that another key has signed', async () => {
    const foreign = new JournalChain(new Uint8Array(32).fill(7));
    const database = new Database(file('journal.db'));
    const [last] = database.prepare('select * from records where seq = 5').all() as {
      code: ArrayBuffer;
      body: string;
    }[];
    const row = {
      seq: 6,
      at: NOW,
      kind: 'entered',
      sdkAppId: 7,
      room: 'n:1',
      userId: 'u6',
      body: last?.body ?? '',
      id: null,
    };
    const code = foreign.record(new Uint8Array(last?.code ?? new ArrayBuffer(0)), row);
    database
      .prepare('insert into records values (?, ?, ?, ?, ?, ?, ?, ?, null)')
      .run(row.seq, row.at, row.kind, row.sdkAppId, row.room, row.userId, row.body, Buffer.from(code));
    database.close();
    expect(await verify()).toEqual({ checked: 5, finding: { problem: 'changed', seq: 6 } });
  });

  test('and what was written honestly after it is no excuse', async () => {
    tamper('update records set at = 0 where seq = 2');
    await life(3);
    expect(await verify()).toEqual({ checked: 1, finding: { problem: 'changed', seq: 2 } });
  });

  test('what was changed is shown as far as it can be read', async () => {
    tamper(`update records set body = 'x', room = 'n:x' where seq = 3`);
    const data = await open();
    const { records } = await data.journalReader.list({ filter: {}, order: 'oldest', limit: 10 });
    expect(records.map(({ cause }) => cause)).toEqual([
      ...Array(2).fill('privateMapKey'),
      'unreadable',
      ...Array(2).fill('privateMapKey'),
    ]);
  });
});

describe('an end that was cut off', () => {
  test('is found by an anchor, at the start too, and the journal goes on', async () => {
    await life(5);
    tamper('delete from records where seq > 3');
    expect(await verify()).toEqual({
      checked: 3,
      anchors: { checked: 0, older: 0, upTo: 0 },
      finding: { problem: 'cut', seq: 4, upTo: 5, line: 0 },
    });
    expect(troubles).toMatchObject([{ message: expect.stringContaining('roomkey journal verify') }]);
  });

  test('is told at every start, also when anchors were set since', async () => {
    await life(50);
    tamper('delete from records where seq > 3');
    for (let start = 0; start < 3; start++) {
      troubles = [];
      await life(1);
      expect(troubles).toMatchObject([{ message: expect.stringContaining('older copy') }]);
    }
  });

  test('is found when other records took its place', async () => {
    await life(5);
    tamper('delete from records where seq > 3');
    await life(4);
    expect(await verify()).toMatchObject({ checked: 7, finding: { problem: 'rewritten', seq: 5, line: 0 } });
  });

  test('is found when the whole journal is gone', async () => {
    await life(5);
    for (const name of ['', '-wal', '-shm']) rmSync(file(`journal.db${name}`), { force: true });
    expect(await verify()).toMatchObject({ checked: 0, finding: { problem: 'cut', seq: 1, upTo: 5 } });
  });

  test('is not found without an anchor, and is with a copy of one that was kept elsewhere', async () => {
    await life(5);
    const copy = anchors();
    rmSync(file('journal.anchors'));
    tamper('delete from records where seq > 3');
    expect(await verify()).toEqual({ checked: 3, anchors: { checked: 0, older: 0, upTo: 0 } });
    expect(await verify(copy)).toMatchObject({ finding: { problem: 'cut', seq: 4, upTo: 5 } });
  });

  test('behind the last anchor is not found', async () => {
    await life(3);
    const copy = anchors();
    await life(2);
    tamper('delete from records where seq > 3');
    expect(await verify(copy)).toEqual({ checked: 3, anchors: { checked: 1, older: 0, upTo: 3 } });
  });
});

describe('an anchor', () => {
  test.each([
    ['that says less', (line: string) => line.replace('"count":5', '"count":3'), 'anchorForged'],
    ['of another time', (line: string) => line.replace(String(NOW), String(NOW + 1)), 'anchorForged'],
    [
      'of another chain',
      () => JSON.stringify({ at: NOW, count: 5, head: '00'.repeat(32), code: '00'.repeat(32) }),
      'anchorForged',
    ],
    ['that is none', () => 'hello', 'anchorUnreadable'],
  ])('%s is named', async (_what, change, problem) => {
    await life(5);
    const [line = ''] = anchors();
    expect(await verify([line, change(line)])).toMatchObject({
      checked: 5,
      anchors: { checked: 1 },
      finding: { problem, line: 1 },
    });
  });

  test('is also a line of the log that tells it', async () => {
    await life(5);
    const line = (anchors()[0] ?? '').replace('{', '{"level":"info","msg":"journal anchored",');
    expect(await verify([line])).toMatchObject({ checked: 5, anchors: { checked: 1, upTo: 5 } });
  });

  test('that was cut short by a crash does not hinder the next start', async () => {
    await life(5);
    writeFileSync(file('journal.anchors'), `${anchors().join('\n')}\n{"at":18`);
    await life(1);
    expect(troubles).toEqual([]);
    expect(await verify()).toMatchObject({ checked: 6, anchors: { checked: 2, upTo: 6 } });
  });
});

describe('retention', () => {
  /** Six days of ten records each, of which the last three days are kept. */
  async function pruned(): Promise<void> {
    for (let days = 0; days < 6; days++) await day(10);
    const data = await open(3.5 + 1);
    await close(data);
  }

  test('deletes what is older, says so, and leaves a journal that is good', async () => {
    await pruned();
    const before = anchors();
    expect(before.map((line) => JSON.parse(line).count)).toEqual([20, 30, 40, 50, 60, 61]);
    expect(await verify()).toEqual({ checked: 41, anchors: { checked: 6, older: 0, upTo: 61 } });
    const data = await open();
    const { records } = await data.journalReader.list({ filter: {}, order: 'newest', limit: 1 });
    expect(records).toMatchObject([{ seq: 61, kind: 'pruned', details: { records: 20, upTo: 20 } }]);
    expect(await data.journalReader.list({ filter: {}, order: 'oldest', limit: 1 })).toMatchObject({
      records: [{ seq: 21 }],
    });
  });

  test('deletes nothing while the wall clock is days ahead, however often the server starts then', async () => {
    for (let days = 0; days < 3; days++) await day(10);
    const data = await open();
    now += 20 * DAY;
    data.journal.append(record('late'));
    await close(data);
    // Each open looks for old records.
    for (let times = 0; times < 3; times++) await life(1, 5);
    now -= 20 * DAY;
    expect(await verify()).toMatchObject({ checked: 34 });
    await life(0, 1.5);
    expect(await verify()).toMatchObject({ checked: 15 });
  });

  test('deletes again when the server has run for a day by a wall clock that is ahead of what it was', async () => {
    await life(10);
    now += 20 * DAY;
    await life(1, 5);
    await day(1);
    await life(0, 5);
    expect(await verify()).toMatchObject({ checked: 3 });
  });

  test('says of a killed server that it wrote what it wrote by a wall clock that is ahead', async () => {
    await day(10);
    const lines = readFileSync(file('journal.anchors'), 'utf8');
    now += 20 * DAY;
    await life(3);
    // Killed before the next anchor.
    writeFileSync(file('journal.anchors'), lines);
    await life(0, 5);
    expect(await verify()).toMatchObject({ checked: 13 });
  });

  test('passes over anchors of records that are deleted', async () => {
    for (let days = 0; days < 3; days++) await day(10);
    const copy = anchors();
    await close(await open(1.5));
    expect(await verify(copy)).toMatchObject({ anchors: { checked: 2, older: 1, upTo: 30 } });
  });

  test('of everything that was before the newest leaves a chain that goes on', async () => {
    await life(7000);
    now += 10 * DAY;
    await day(1);
    // Each life deletes as much as one commit takes before it ends.
    await life(0, 1);
    await life(0, 1);
    await life(2);
    expect(await verify()).toMatchObject({ checked: 5, anchors: { upTo: 7005 } });
    expect(troubles).toEqual([]);
  });

  test.each([
    [
      'reaches further',
      'update checkpoint set count = 25; delete from records where seq <= 25',
      { problem: 'checkpointForged', seq: 25 },
    ],
    [
      'has another code',
      'update checkpoint set code = zeroblob(32)',
      { problem: 'checkpointForged', seq: 20 },
    ],
    [
      'has another head',
      'update checkpoint set head = zeroblob(32)',
      { problem: 'checkpointForged', seq: 20 },
    ],
    ['is gone', 'delete from checkpoint', { problem: 'missing', seq: 1, upTo: 20 }],
  ])('by hand is found: a checkpoint that %s', async (_what, sql, finding) => {
    await pruned();
    tamper(sql);
    expect(await verify()).toEqual({ checked: 0, finding });
  });
});

describe('a list', () => {
  test('has what fits all that is asked for, in pages and in both orders', async () => {
    const data = await open();
    for (let n = 0; n < 5000; n++) {
      now = NOW + n;
      data.journal.append({ ...record(n % 100 === 0 ? 'rare' : 'ana'), sdkAppId: 7 + (n % 2) });
    }
    data.journal.append({ ...record('rare'), kind: 'left', room: 's:1' });
    data.journal.append(record('last'));
    const list = async (filter: object, order: 'oldest' | 'newest', limit = 20) => {
      const seqs: number[] = [];
      let after: number | undefined;
      do {
        const page = await data.journalReader.list({ filter, order, after, limit });
        seqs.push(...page.records.map(({ seq }) => seq));
        after = page.next;
      } while (after !== undefined);
      return seqs;
    };
    const rare = Array.from({ length: 50 }, (_, n) => n * 100 + 1);
    expect(await list({ userId: 'rare' }, 'oldest')).toEqual([...rare, 5001]);
    expect(await list({ userId: 'rare' }, 'newest')).toEqual([5001, ...rare.toReversed()]);
    expect(await list({ userId: 'rare', kinds: ['left', 'taken'] }, 'oldest')).toEqual([5001]);
    expect(await list({ room: 's:1' }, 'newest')).toEqual([5001]);
    expect(await list({ sdkAppId: 8, since: NOW + 4990, until: NOW + 4995 }, 'oldest')).toEqual([4992, 4994]);
    expect(await list({}, 'oldest', 500)).toHaveLength(5002);
    expect(await list({ userId: 'nobody' }, 'newest')).toEqual([]);
  });
});
