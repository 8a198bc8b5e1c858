import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { operatorActor } from '@roomkey/tickets/permissions';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Core } from '../../core.ts';
import { StoreError } from '../../ports/index.ts';
import { DataDirectory } from '../data-directory.ts';
import { silent } from './events.ts';
import { JournalFile } from './file.ts';
import type { JournalOptions } from './sqlite-journal.ts';

const DAY = 86_400_000;
const olga = operatorActor('olga');
const otto = operatorActor('otto');

let parent: string;
let ahead = 0;
/** Milliseconds by which this process has run longer than it really has. */
let ran = 0;
const troubles: string[] = [];
const now = () => Date.now() + ahead;

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'roomkey-state-'));
  ahead = 0;
  ran = 0;
  troubles.length = 0;
});
afterEach(() => rmSync(parent, { recursive: true }));

const file = (name: string): string => path.join(parent, 'data', name);

/** Does something with an open data folder, and closes it. */
async function within<T>(
  job: (data: DataDirectory, core: Core) => Promise<T>,
  options: Pick<JournalOptions, 'days' | 'maxBytes'> = {},
): Promise<T> {
  const events = { ...silent, trouble: ({ message }: Error) => void troubles.push(message) };
  const elapsed = () => performance.now() + ran;
  const journal = { events, now, elapsed, ...options };
  const data = await DataDirectory.open({ folder: file(''), create: true, waitMs: 0, journal });
  const clock = { now, elapsed, after: () => () => {} };
  try {
    return await job(data, await Core.open(data, clock));
  } finally {
    await data.close();
  }
}

/** One change of an application of every kind. */
const changed = () =>
  within(async (_, { applications }) => {
    await applications.create(olga, { sdkAppId: 7, settings: {} });
    await applications.addKey(olga, 7);
    await applications.setKeyState(olga, 7, 'k1', 'compromised');
    await applications.set(olga, 7, { maxRooms: 5 });
    await applications.setRoomControl(olga, 7, { strRoomId: 'a b' }, 'observe');
    await applications.setRoomControl(olga, 7, { roomId: 1 }, 'observe');
    await applications.clearRoomControl(olga, 7, { roomId: 1 });
  });

/** One change of every kind, and of some two. */
async function operated(): Promise<void> {
  await changed();
  await within(async (_, core) => {
    const { operator } = core.operate();
    const by = { sdkAppId: 7, room: { roomId: 1 }, actor: olga };
    await operator.setDenied({ ...by, users: { only: ['bob', 'eve'] }, mask: 12, value: 12 });
    await operator.setDenied({
      ...by,
      actor: otto,
      cause: 'asked',
      users: { only: ['bob'] },
      mask: 4,
      value: 0,
    });
    for (const userId of ['bob', 'eve']) await operator.ban({ ...by, userId, seconds: 40 * 86_400 });
    await operator.ban({ sdkAppId: 7, actor: olga, userId: 'bob', seconds: 40 * 86_400 });
    await operator.unban({ ...by, userId: 'eve' });
    for (const tickets of ['application', { userId: 'bob' }, { room: { roomId: 1 } }] as const)
      await operator.revoke({ sdkAppId: 7, actor: olga, tickets });
  });
}

const differences = () => within((data) => data.stateCheck.differences());

function tamper(name: string, sql: string): void {
  const database = new Database(file(name));
  database.exec(sql);
  database.close();
}

describe('what the database holds', () => {
  beforeEach(operated);

  test('is what the records lead to when nobody has changed it, also when denials are over', async () => {
    expect(await differences()).toEqual([]);
    ahead = 2 * DAY;
    expect(await differences()).toEqual([]);
    await within(async (_, { restrictions }) => restrictions.prune());
    expect(await differences()).toEqual([]);
  });

  test.each([
    ['a denial that is gone', 'delete from denials where user_id = "bob"', ['denial 7 n:1 bob']],
    ['a denial that takes less', 'update denials set mask = 0 where user_id = "eve"', ['denial 7 n:1 eve']],
    [
      'a denial that somebody else decided on',
      `update denials set actor = 'olaf' where user_id = "eve"`,
      ['denial 7 n:1 eve'],
    ],
    [
      'a denial for another reason',
      `update denials set cause = 'x' where user_id = "bob"`,
      ['denial 7 n:1 bob'],
    ],
    ['a denial of another time', 'update denials set since = 1 where user_id = "bob"', ['denial 7 n:1 bob']],
    ['a ban by the system', `update bans set actor_type = 'system' where room = ""`, ['ban 7 * bob']],
    [
      'a revocation for another reason',
      `update revocations set cause = 'x' where target = 'a'`,
      ['revocation 7 a'],
    ],
    ['a ban that is gone', 'delete from bans where room = ""', ['ban 7 * bob']],
    [
      'a ban that is back',
      `insert into bans (sdk_app_id, room, user_id, until, actor, cause, since) values (7, 'n:1', 'eve', ${Date.now() + DAY}, 'x', 'x', 0)`,
      ['ban 7 n:1 eve'],
    ],
    [
      'a revocation that reaches less',
      `update revocations set at = 1 where target = 'a'`,
      ['revocation 7 a'],
    ],
    [
      'permission control that is off',
      `update applications set permission_control = 'off'`,
      ['application 7 permissionControl'],
    ],
    ['a key that is active again', `update secret_keys set state = 'active'`, ['application 7 key k1']],
    [
      'a room control that is off',
      `update room_controls set permission_control = 'off'`,
      ['application 7 room s:a b'],
    ],
  ])('is told when it differs: %s', async (_what, sql, subjects) => {
    tamper('roomkey.db', sql.replaceAll('"', "'"));
    expect((await differences()).map(({ subject }) => subject)).toEqual(subjects);
    await within(async (data) => {
      await data.examine();
      expect(data.journal.warnings).toEqual(['stateDiffers']);
    });
    expect(troubles.join()).toMatch(/does not lead to what the database holds.*roomkey journal verify/);
  });

  test('is what the records lead to also while those of the last changes wait for the disk', async () => {
    await within(async (data, core) => {
      const append = vi.spyOn(JournalFile.prototype, 'append');
      append.mockRejectedValue(new StoreError('full', 'the disk is full'));
      const by = { sdkAppId: 7, room: { roomId: 1 }, actor: otto };
      for (const mask of [1, 2])
        await core.operate().operator.setDenied({ ...by, users: { only: ['zoe'] }, mask, value: mask });
      await data.journal.settled();
      expect([data.journal.available, await data.stateCheck.differences()]).toEqual([false, []]);
      append.mockRestore();
    });
    expect(await differences()).toEqual([]);
  });

  test('is what the records lead to also when more of them waited than memory holds', async () => {
    await within(async ({ journal, stateCheck }, core) => {
      const append = vi.spyOn(JournalFile.prototype, 'append');
      append.mockRejectedValue(new StoreError('full', 'the disk is full'));
      const system = { actor: { type: 'system' }, cause: 'test' } as const;
      for (let n = 0; n < 50_000; n++) journal.append({ at: now(), kind: 'taken', ...system });
      const users = Array.from({ length: 700 }, (_, n) => `user${n}`);
      const by = { sdkAppId: 7, room: { roomId: 1 }, actor: otto, users: { only: users } };
      for (const mask of [1, 2]) await core.operate().operator.setDenied({ ...by, mask, value: mask });
      expect([journal.figures.waiting, journal.figures.lost]).toEqual([50_000, 0]);
      expect(await stateCheck.differences()).toEqual([]);
      append.mockRestore();
      await vi.waitFor(() => expect(journal.grantRefusal()).toBeUndefined(), {
        timeout: 60_000,
        interval: 100,
      });
      await core.operate().operator.setDenied({ ...by, mask: 1, value: 0 });
    });
    expect(await differences()).toEqual([]);
    const { records } = await within(({ journalReader }) =>
      journalReader.list({ filter: { userId: 'user699' }, order: 'newest', limit: 9 }),
    );
    expect(records.map(({ details }) => details?.['version'])).toEqual([4, 3, 2]);
  });

  test('that differs can be accepted, which is on record, and only then fits', async () => {
    tamper(
      'roomkey.db',
      `delete from denials where user_id = 'bob'; update bans set until = until + 1000 where room = ''`,
    );
    expect(await differences()).toHaveLength(2);
    await within(async (data) => expect(await data.stateCheck.accept(data.journal, olga)).toBe(2));
    expect(await differences()).toEqual([]);
    const { records } = await within((data) =>
      data.journalReader.list({ filter: { kinds: ['standing'] }, order: 'oldest', limit: 9 }),
    );
    expect(records).toMatchObject([
      { actor: olga, cause: 'accepted', details: { subject: 'ban 7 * bob' } },
      { actor: olga, cause: 'accepted', details: { subject: 'denial 7 n:1 bob' } },
    ]);
  });

  test.each([
    ['', undefined],
    [', and the journal was far beyond its size', 1000],
  ])(
    'is still what the records lead to when old ones were deleted as the retention says%s',
    async (_, maxBytes) => {
      ahead = 20 * DAY;
      const entered = {
        kind: 'entered',
        sdkAppId: 7,
        room: 'n:1',
        userId: 'ana',
        cause: 'privateMapKey',
      } as const;
      await within(async ({ journal }) => {
        journal.append({ ...entered, at: now(), actor: { type: 'user', id: 'ana' } });
        // A wall clock that is ahead of what it was is believed after a day.
        ran += DAY;
        ahead += DAY;
      });
      await within(async () => {}, { days: 10, ...(maxBytes === undefined ? {} : { maxBytes }) });
      ahead += 1;
      const { records } = await within((data) =>
        data.journalReader.list({ filter: {}, order: 'oldest', limit: 100 }),
      );
      expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(['entered', 'standing', 'pruned']));
      expect(await differences()).toEqual([]);
      await within(async (_, core) =>
        core.operate().operator.unban({ sdkAppId: 7, actor: olga, userId: 'bob' }),
      );
      expect(await differences()).toEqual([]);
    },
  );
});

describe('a start says so', () => {
  beforeEach(operated);
  const warnings = () =>
    within(async (data) => {
      await data.examine();
      return data.journal.warnings;
    });

  test('not when everything is as it was left', async () => {
    expect([await warnings(), troubles]).toEqual([[], []]);
  });

  test('when there are records and no anchors', async () => {
    rmSync(file('journal.anchors'));
    expect(await warnings()).toEqual(['anchorsMissing']);
    expect(troubles.join()).toMatch(/no anchor in .*journal\.anchors says so/);
  });

  test('when no anchor was written by the server', async () => {
    const text = readFileSync(file('journal.anchors'), 'utf8');
    writeFileSync(file('journal.anchors'), text.replaceAll('"at":1', '"at":2'));
    expect(await warnings()).toEqual(['anchorsMissing']);
  });

  test('when anchors are ahead of the records', async () => {
    tamper('journal.db', 'delete from records where seq > 15');
    expect(await warnings()).toContain('anchorsAhead');
  });

  test('when journal and anchors are gone and the database is not', async () => {
    for (const name of ['journal.db', 'journal.db-wal', 'journal.db-shm', 'journal.anchors'])
      rmSync(file(name), { force: true });
    expect(await warnings()).toEqual(['stateDiffers']);
  });

  test('when somebody has put a record into the outbox, which is ignored', async () => {
    tamper(
      'roomkey.db',
      `insert into journal_outbox values ('made-up', '{"at":1,"kind":"unbanned","sdkAppId":7}', '${'00'.repeat(32)}')`,
    );
    expect(await warnings()).toEqual(['outboxForged']);
    expect(await within((data) => data.stateCheck.forged())).toBe(1);
    const { records } = await within((data) =>
      data.journalReader.list({ filter: { kinds: ['unbanned'] }, order: 'oldest', limit: 9 }),
    );
    expect(records.map(({ userId }) => userId)).toEqual(['eve']);
  });

  test('until that is discarded, which is on record', async () => {
    tamper(
      'roomkey.db',
      `insert into journal_outbox values ('made-up', '{"at":1,"kind":"unbanned","sdkAppId":7}', '${'00'.repeat(32)}')`,
    );
    await within(async (data) => expect(await data.stateCheck.accept(data.journal, olga)).toBe(1));
    expect(await warnings()).toEqual([]);
    const { records } = await within((data) =>
      data.journalReader.list({ filter: { kinds: ['standing'] }, order: 'oldest', limit: 9 }),
    );
    expect(records).toMatchObject([{ actor: olga, details: { subject: 'outbox', discarded: 1 } }]);
    expect(await differences()).toEqual([]);
  });
});
