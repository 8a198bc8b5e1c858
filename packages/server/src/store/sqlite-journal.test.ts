import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type JournalRecord, StoreError } from '../ports/index.ts';
import type { Anchor } from './journal-anchors.ts';
import { beginning, JournalChain, type JournalMark } from './journal-chain.ts';
import type { CodedRow } from './journal-file.ts';
import { SqliteJournal } from './sqlite-journal.ts';

const full = new StoreError('full', 'journal.db cannot grow: the disk is full.');

const record = (userId: string): JournalRecord => ({
  at: 1,
  kind: 'taken',
  userId,
  actor: 'system',
  cause: 'test',
});

/** A journal on files that do what the test says. */
function journalUnderTest() {
  const rows: CodedRow[] = [];
  const anchored: JournalMark[] = [];
  const heard: string[] = [];
  const disk = { append: async (_: readonly CodedRow[]) => {}, anchor: async () => {} };
  const file = {
    append: async (added: readonly CodedRow[]) => {
      await disk.append(added);
      rows.push(...added);
    },
    window: async () => [],
    ends: async () => undefined,
    next: async () => undefined,
    young: async () => undefined,
    checkpoint: async () => undefined,
    prune: async () => {},
    close: async () => {},
  };
  const anchors = {
    begin: async () => undefined,
    add: async (mark: JournalMark): Promise<Anchor> => {
      await disk.anchor();
      anchored.push(mark);
      return { at: mark.at, count: mark.count, head: '', code: '' };
    },
    forget: async () => {},
    close: async () => {},
  };
  const events = {
    failing: ({ message }: StoreError, waiting: number) => void heard.push(`failing ${waiting} ${message}`),
    recovered: () => void heard.push('recovered'),
    anchored: ({ count }: Anchor) => void heard.push(`anchored ${count}`),
    trouble: ({ message }: StoreError) => void heard.push(`trouble ${message}`),
  };
  const chain = new JournalChain(new Uint8Array(32));
  const head = { count: 0, head: beginning };
  const journal = new SqliteJournal({ file, chain, anchors, head, anchored: 0 }, { events, now: () => 5 });
  /** Resolves when a record handed over now, and so everything before it, is kept. */
  const kept = () => journal.appendGrant(record('last')).atLast;
  return { journal, rows, anchored, heard, disk, kept };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('each minute in which something was recorded ends with an anchor, and the end of the journal does', async () => {
  const { journal, anchored, heard, kept } = journalUnderTest();
  await kept();
  await vi.advanceTimersByTimeAsync(60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(anchored.map(({ count }) => count)).toEqual([1]);
  await kept();
  await kept();
  await journal.close();
  expect(anchored.map(({ count }) => count)).toEqual([1, 3]);
  expect(heard).toEqual(['anchored 1', 'anchored 3']);
});

test('an anchor that cannot be written is told, and tried again a minute later', async () => {
  const { journal, heard, disk, kept } = journalUnderTest();
  await kept();
  disk.anchor = async () => {
    throw full;
  };
  await vi.advanceTimersByTimeAsync(60_000);
  disk.anchor = async () => {};
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([`trouble ${full.message}`, 'anchored 1']);
  await journal.close();
});

test('a disk that takes five seconds counts as one that refuses, until it is done', async () => {
  const { journal, heard, disk } = journalUnderTest();
  let done = () => {};
  disk.append = () =>
    new Promise<void>((resolve) => {
      done = resolve;
    });
  const slow = journal.appendGrant(record('ana'));
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(3));
  await vi.advanceTimersByTimeAsync(4900);
  expect(journal.available).toBe(true);
  await vi.advanceTimersByTimeAsync(100);
  expect(journal.available).toBe(false);
  await expect(slow.inTime).rejects.toThrow('takes too long');
  await expect(journal.appendGrant(record('bob')).inTime).rejects.toThrow('takes too long');
  disk.append = async () => {};
  done();
  await slow.atLast;
  await journal.close();
  expect(journal.available).toBe(true);
  expect(heard.slice(0, 2)).toEqual([
    'failing 1 The disk takes too long to keep records of the journal.',
    'recovered',
  ]);
});

test('records for which there is no room in memory are counted, and a record says how many are lost', async () => {
  const { journal, rows, disk, kept } = journalUnderTest();
  disk.append = async () => {
    throw full;
  };
  await expect(journal.appendGrant(record('first')).inTime).rejects.toBe(full);
  for (let n = 1; n < 50_003; n++) journal.append(record(`u${n}`));
  const late = journal.appendGrant(record('late'));
  await expect(late.inTime).rejects.toBe(full);
  expect(journal.figures).toMatchObject({ kept: 0, waiting: 50_000, lost: 4 });
  disk.append = async () => {};
  await vi.advanceTimersByTimeAsync(1000);
  await vi.waitFor(() => expect(journal.figures.waiting).toBe(0), { timeout: 50_000 });
  await kept();
  expect(rows).toHaveLength(50_002);
  expect(rows[50_000]).toMatchObject({ kind: 'lost' });
  expect(JSON.parse(rows[50_000]?.body ?? '')).toEqual({
    actor: 'system',
    cause: 'journalUnavailable',
    details: { records: 4 },
  });
  let isKept = false;
  void late.atLast.then(() => {
    isKept = true;
  });
  await journal.close();
  expect(isKept).toBe(false);
});

test('a journal that ends while the disk refuses says what is lost by it', async () => {
  const { journal, heard, disk } = journalUnderTest();
  disk.append = async () => {
    throw full;
  };
  journal.append(record('ana'));
  journal.append(record('bob'));
  await expect(journal.close()).rejects.toMatchObject({
    fault: 'full',
    message: `What was done is done, but not on record (records lost: 2). ${full.message}`,
  });
  expect(heard).toEqual([`failing 2 ${full.message}`]);
});

test('what is handed over while a commit is under way goes into the next one', async () => {
  const { journal, rows, disk, kept } = journalUnderTest();
  const commits: number[] = [];
  disk.append = async (added) => {
    commits.push(added.length);
    if (commits.length === 1) for (let n = 0; n < 600; n++) journal.append(record(`u${n}`));
  };
  journal.append(record('first'));
  await kept();
  await kept();
  expect(commits.slice(0, 3)).toEqual([2, 100, 100]);
  expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 603 }, (_, n) => n + 1));
  await journal.close();
});
