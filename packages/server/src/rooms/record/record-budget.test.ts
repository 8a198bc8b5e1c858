import { FakeClock, FakeJournal } from '@roomkey/testkit';
import { operatorActor, systemActor, userActor } from '@roomkey/tickets/permissions';
import { beforeEach, describe, expect, test } from 'vitest';
import { type JournalRecord, StoreError } from '../../ports/index.ts';
import { RecordBudget } from './record-budget.ts';

let clock: FakeClock;
let journal: FakeJournal;
let budget: RecordBudget;

beforeEach(() => {
  clock = new FakeClock(1_800_000_000_000);
  journal = new FakeJournal();
  budget = new RecordBudget(journal, { ofUser: 50, ofApplication: 120 }, clock);
});

const record = (kind: JournalRecord['kind'], more: Partial<JournalRecord> = {}): JournalRecord => ({
  at: clock.now(),
  kind,
  sdkAppId: 7,
  room: 'n:1',
  userId: 'ana',
  memberId: `stay-${Math.random()}`,
  actor: userActor('ana'),
  cause: 'test',
  ...more,
});

/** Enters and leaves again. */
function comeAndGo(times: number, more: Partial<JournalRecord> = {}): void {
  for (let n = 0; n < times; n++) {
    budget.appendGrant(record('entered', { after: 255, ...more }));
    budget.append(record('left', { before: 255, ...more }));
  }
}

const told = () => journal.records.map(({ kind, details }) => [kind, details?.['again']]);

describe('changes that undo each other', () => {
  test('are recorded one by one at first, then counted, and told when the minute is over', async () => {
    comeAndGo(100);
    expect(journal.records).toHaveLength(12);
    await clock.advance(60_000);
    expect(told().slice(12)).toEqual([
      ['entered', 94],
      ['left', 94],
    ]);
    expect(journal.records.at(-1)).toMatchObject({ userId: 'ana', room: 'n:1', before: 255, cause: 'test' });
    expect(journal.records.at(-1)?.memberId).toBeUndefined();
    comeAndGo(2);
    expect(told().slice(14)).toHaveLength(4);
  });

  test('give nothing before the first record of the same is on disk', async () => {
    comeAndGo(5);
    const keep = journal.hold();
    const [first, second] = [1, 2].map(() => budget.appendGrant(record('entered', { after: 255 })));
    let isKept = false;
    void second?.inTime.then(() => {
      isKept = true;
    });
    await Promise.resolve();
    expect([isKept, journal.waiting]).toMatchObject([false, [{ kind: 'entered' }]]);
    keep();
    await Promise.all([first?.inTime, second?.inTime]);
  });

  test('are recorded anew behind a record that the disk refused in time, and counted with it', async () => {
    comeAndGo(5);
    journal.failWith(new StoreError('full', 'The disk is full.'));
    await expect(budget.appendGrant(record('entered')).inTime).rejects.toThrow('full');
    budget.append(record('left'));
    await expect(budget.appendGrant(record('entered')).inTime).rejects.toThrow('full');
    journal.failWith();
    for (let n = 0; n < 3; n++) await budget.appendGrant(record('entered')).inTime;
    await clock.advance(60_000);
    expect(told().slice(10)).toEqual([
      ['entered', undefined],
      ['left', undefined],
      ['entered', undefined],
      ['entered', undefined],
      ['entered', 2],
    ]);
  });

  test('that say something else are records of their own', () => {
    comeAndGo(5);
    for (let after = 0; after < 20; after++) budget.appendGrant(record('granted', { before: 0, after }));
    expect(journal.of('granted')).toHaveLength(20);
  });

  test('what is left to tell is told at the end', () => {
    comeAndGo(20);
    budget.close();
    expect(told().slice(-2)).toEqual([
      ['entered', 14],
      ['left', 14],
    ]);
  });
});

describe('a budget that is used up', () => {
  const different = (count: number, userId = 'ana') => {
    for (let n = 0; n < count; n++) budget.append(record('taken', { userId, before: n, after: 0 }));
  };

  test('refuses what a user would be given, and only counts what is taken, until the minute is over', async () => {
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'ana' })).toBeUndefined();
    different(500);
    expect(journal.records).toHaveLength(50);
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'ana' })).toBe('tooManyChanges');
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'bob' })).toBeUndefined();
    expect(budget.grantRefusal()).toBeUndefined();
    await clock.advance(60_000);
    expect(journal.records.at(-1)).toMatchObject({
      kind: 'taken',
      cause: 'tooManyChanges',
      details: { again: 450 },
    });
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'ana' })).toBeUndefined();
  });

  test('of an application is that of all its users', () => {
    for (const userId of ['ana', 'bob', 'eve', 'dan']) different(40, userId);
    expect(journal.records.length).toBeLessThan(135);
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'zoe' })).toBe('tooManyChanges');
    expect(budget.grantRefusal({ sdkAppId: 8, userId: 'zoe' })).toBeUndefined();
  });

  test('loses no record of something that is given all the same', () => {
    different(60);
    const before = journal.records.length;
    budget.appendGrant(record('granted', { actor: systemActor, before: 0, after: 1 }));
    expect(journal.records.slice(before)).toMatchObject([{ kind: 'granted' }]);
  });

  test('does not count what operators do', () => {
    for (let n = 0; n < 500; n++)
      budget.append(record('denied', { actor: operatorActor('olga'), cause: `${n}` }));
    expect(journal.of('denied')).toHaveLength(500);
    expect(budget.grantRefusal({ sdkAppId: 7, userId: 'ana' })).toBeUndefined();
  });
});

test('a journal that takes no grants refuses through it', () => {
  journal.full = true;
  expect(budget.grantRefusal({ sdkAppId: 7, userId: 'ana' })).toBe('journalUnavailable');
});
