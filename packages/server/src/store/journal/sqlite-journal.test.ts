import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type JournalRecord, type NamedRecord, StoreError } from '../../ports/index.ts';
import type { Anchor } from './anchors.ts';
import { beginning, JournalChain, type JournalMark } from './chain.ts';
import type { CodedRow } from './file.ts';
import { SqliteJournal } from './sqlite-journal.ts';

const full = new StoreError('full', 'journal.db cannot grow: the disk is full.');

const record = (userId: string): JournalRecord => ({
  at: 1,
  kind: 'taken',
  userId,
  actor: { type: 'system' } as const,
  cause: 'test',
});

/** A journal on files that do what the test says. */
function journalUnderTest(maxBytes?: number) {
  const rows: CodedRow[] = [];
  const anchored: JournalMark[] = [];
  const heard: string[] = [];
  const disk = { append: async (_: readonly CodedRow[]) => {}, anchor: async () => {}, bytes: 0 };
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
    operated: async () => [],
    bytes: async () => disk.bytes,
    known: async (ids: readonly string[]) => new Set(ids.filter((id) => rows.some((row) => row.id === id))),
    close: async () => {},
  };
  const anchors = {
    begin: async () => [],
    add: async (mark: JournalMark): Promise<Anchor> => {
      await disk.anchor();
      anchored.push(mark);
      return { at: mark.at, count: mark.count, head: '', code: '' };
    },
    forget: async () => {},
    close: async () => {},
  };
  const outbox = {
    kept: new Map<string, NamedRecord>(),
    add: async (records: readonly NamedRecord[]) => {
      for (const one of records) outbox.kept.set(one.id, one);
    },
    read: async () => ({ records: [...outbox.kept.values()], forged: 0, next: undefined }),
    forget: async (ids: readonly string[]) => {
      for (const id of ids) outbox.kept.delete(id);
    },
  };
  const events = {
    failing: ({ message }: StoreError, waiting: number) => void heard.push(`failing ${waiting} ${message}`),
    recovered: () => void heard.push('recovered'),
    anchored: ({ count }: Anchor) => void heard.push(`anchored ${count}`),
    trouble: ({ message }: StoreError) => void heard.push(`trouble ${message}`),
  };
  const chain = new JournalChain(new Uint8Array(32));
  const head = { count: 0, head: beginning };
  const journal = new SqliteJournal(
    { file, chain, anchors, outbox, restated: async () => [], head, anchored: 0 },
    { events, maxBytes, now: () => 5 },
  );
  /** Resolves when a record handed over now, and so everything before it, is kept. */
  const kept = () => journal.appendGrant(record('last')).atLast;
  return { journal, rows, anchored, heard, disk, kept, outbox };
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
  await journal.settled();
  expect(journal.available).toBe(true);
  await journal.close();
  expect(heard.slice(0, 2)).toEqual([
    'failing 1 The disk takes too long to keep records of the journal.',
    'recovered',
  ]);
});

test('records for which there is no room in memory are counted, and a record says how many are lost; no grant is', async () => {
  const { journal, rows, disk, kept } = journalUnderTest();
  disk.append = async () => {
    throw full;
  };
  await expect(journal.appendGrant(record('first')).inTime).rejects.toBe(full);
  expect(journal.grantRefusal()).toBeUndefined();
  for (let n = 1; n < 50_003; n++) journal.append(record(`u${n}`));
  expect(journal.grantRefusal()).toBe('journalUnavailable');
  const late = journal.appendGrant(record('late'));
  await expect(late.inTime).rejects.toBe(full);
  expect(journal.figures).toMatchObject({ kept: 0, waiting: 50_001, lost: 3 });
  disk.append = async () => {};
  await vi.advanceTimersByTimeAsync(1000);
  await vi.waitFor(() => expect(journal.figures.waiting).toBe(0), { timeout: 50_000 });
  await kept();
  await late.atLast;
  expect(rows).toHaveLength(50_003);
  expect(rows[50_000]).toMatchObject({ userId: 'late' });
  expect(rows[50_001]).toMatchObject({ kind: 'lost' });
  expect(JSON.parse(rows[50_001]?.body ?? '')).toEqual({
    actor: { type: 'system' } as const,
    cause: 'journalUnavailable',
    details: { records: 3 },
  });
  expect(journal.grantRefusal()).toBeUndefined();
  await journal.close();
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

test('a journal that ends while it writes has one writer: each commit begins when the one before is done', async () => {
  for (let stop = 0; stop < 200; stop++) {
    const { journal, rows, heard, disk } = journalUnderTest();
    let writers = 0;
    disk.append = async () => {
      writers++;
      expect(writers).toBe(1);
      for (let turn = 0; turn < stop % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      writers--;
    };
    for (let n = 0; n < stop; n++) journal.append(record(`u${n}`));
    for (let turn = 0; turn < stop % 7; turn++) await new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 3; n++) journal.append(record(`late${n}`));
    const closed = journal.close();
    journal.append(record('stopped'));
    await closed;
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: stop + 4 }, (_, n) => n + 1));
    expect(heard.filter((line) => !line.startsWith('anchored'))).toEqual([]);
  }
});

test('a grant that is handed over after the end is refused', async () => {
  const { journal } = journalUnderTest();
  await journal.close();
  expect([journal.available, journal.grantRefusal()]).toEqual([false, 'journalUnavailable']);
  await expect(journal.appendGrant(record('late')).inTime).rejects.toThrow('The journal is closed.');
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

describe('a record that has an id', () => {
  const named = (id: string): NamedRecord => ({ ...record(id), id });

  test('is forgotten by the outbox a second after it is kept', async () => {
    const { journal, outbox, kept } = journalUnderTest();
    await outbox.add([named('one')]);
    journal.append(named('one'));
    await kept();
    expect([...outbox.kept.keys()]).toEqual(['one']);
    await vi.advanceTimersByTimeAsync(1000);
    expect([...outbox.kept.keys()]).toEqual([]);
    await journal.close();
  });

  test('is left in the outbox while too many records wait, and gets from there into the journal in its order', async () => {
    const { journal, rows, disk, outbox, kept } = journalUnderTest();
    disk.append = async () => {
      throw full;
    };
    await expect(journal.appendGrant(record('first')).inTime).rejects.toBe(full);
    for (let n = 1; n < 50_000; n++) journal.append(record(`u${n}`));
    const tell = async (id: string) => {
      await outbox.add([named(id)]);
      journal.append(named(id));
    };
    for (const id of ['one', 'two']) await tell(id);
    // Nothing keeps it in the outbox.
    journal.append(named('kicked'));
    await journal.secure([named('kicked')]);
    expect(journal.figures).toMatchObject({ waiting: 50_000, lost: 0 });
    expect([...outbox.kept.keys()]).toEqual(['one', 'two', 'kicked']);
    disk.append = async () => {};
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(journal.figures.waiting).toBeLessThan(50_000));
    // There is room, but those before it are still in the outbox.
    expect(journal.grantRefusal()).toBe('journalUnavailable');
    await tell('three');
    await vi.waitFor(() => expect(journal.figures.waiting).toBe(0), { timeout: 50_000 });
    for (let second = 0; second < 3; second++) await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(journal.grantRefusal()).toBeUndefined());
    await tell('four');
    await kept();
    await journal.close();
    expect(rows.flatMap(({ id }) => id ?? [])).toEqual(['one', 'two', 'kicked', 'three', 'four']);
    expect([...outbox.kept.keys()]).toEqual([]);
  });

  test('is kept once, however often it is handed over', async () => {
    const { journal, rows } = journalUnderTest();
    for (let times = 0; times < 2; times++) {
      journal.append(named('one'));
      journal.append(named('one'));
      await journal.appendGrant(named('two')).atLast;
    }
    await journal.close();
    expect(rows.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('that was left and got into the journal before it was to be secured is safe there', async () => {
    const { journal, disk, outbox, rows } = journalUnderTest();
    disk.append = async () => {
      throw full;
    };
    await expect(journal.appendGrant(record('first')).inTime).rejects.toBe(full);
    for (let n = 1; n < 50_000; n++) journal.append(record(`u${n}`));
    await outbox.add([named('one')]);
    for (const id of ['one', 'kicked']) journal.append(named(id));
    disk.append = async () => {};
    await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(journal.figures.waiting).toBe(0), { timeout: 50_000 });
    for (let second = 0; second < 3; second++) await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(journal.grantRefusal()).toBeUndefined());
    await journal.secure([named('one'), named('kicked')]);
    expect(outbox.kept.has('kicked')).toBe(true);
    for (let second = 0; second < 3; second++) await vi.advanceTimersByTimeAsync(1000);
    await vi.waitFor(() => expect(rows.flatMap(({ id }) => id ?? [])).toEqual(['one', 'kicked']));
    await journal.close();
    expect([...outbox.kept.keys()]).toEqual([]);
  });

  test('is secured in the outbox while the disk of the journal refuses, and only then', async () => {
    const { journal, disk, outbox, rows } = journalUnderTest();
    journal.append(named('good'));
    await journal.secure([named('good')]);
    expect([rows.map(({ id }) => id), [...outbox.kept.keys()]]).toEqual([['good'], []]);
    disk.append = async () => {
      throw full;
    };
    journal.append(named('bad'));
    await journal.secure([named('bad')]);
    expect([...outbox.kept.keys()]).toEqual(['bad']);
    outbox.add = async () => {
      throw full;
    };
    journal.append(named('worse'));
    await expect(journal.secure([named('worse')])).rejects.toBe(full);
    // What is in the outbox is not lost by the end.
    await journal.close();
  });
});

describe('a journal with a bound', () => {
  const MB = 1_048_576;

  test('gives the alarm at four fifths, refuses grants at the bound, and records what takes up to a tenth beyond', async () => {
    const { journal, heard, disk, rows, kept } = journalUnderTest(10 * MB);
    const measured = async (bytes: number) => {
      disk.bytes = bytes;
      await vi.advanceTimersByTimeAsync(60_000);
    };
    await kept();
    await measured(7.9 * MB);
    expect([journal.warnings, journal.grantRefusal()]).toEqual([[], undefined]);
    await measured(8 * MB);
    expect([journal.warnings, journal.grantRefusal()]).toEqual([['nearlyFull'], undefined]);
    await measured(8.1 * MB);
    expect(heard.filter((line) => line.startsWith('trouble'))).toHaveLength(1);
    await measured(10 * MB);
    expect(journal.grantRefusal()).toBe('journalUnavailable');
    journal.append(record('taken'));
    await journal.settled();
    expect(rows.at(-1)).toMatchObject({ userId: 'taken' });
    await measured(11.1 * MB);
    journal.append(record('lost'));
    journal.append({ ...record('operated'), id: 'one' });
    await journal.settled();
    expect([rows.at(-1)?.userId, journal.figures.lost]).toEqual(['operated', 1]);
    await measured(5 * MB);
    expect([journal.warnings, journal.grantRefusal()]).toEqual([[], undefined]);
    await kept();
    expect(rows.filter(({ kind }) => kind === 'lost')).toHaveLength(1);
    await journal.close();
  });
});
