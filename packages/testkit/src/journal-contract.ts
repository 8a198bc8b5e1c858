import type { Journal, JournalRecord, Recording } from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** One empty journal, the way to let its disk refuse records for a while, and to read what it keeps. */
export interface JournalUnderTest {
  journal(): Journal;
  refuse(): Promise<void>;
  /** Resolves when what waited is kept. */
  accept(): Promise<void>;
  /** Ends this life of the journal and begins another one on the same data. */
  reopen(): Promise<void>;
  read(): Promise<readonly JournalRecord[]>;
  close(): Promise<void>;
}

const record = (more: Partial<JournalRecord> = {}): JournalRecord => ({
  at: 1_800_000_000_000,
  kind: 'taken',
  sdkAppId: 7,
  room: 's:größer "1" \\ 房间',
  userId: 'ana',
  memberId: 'stay-1',
  actor: { type: 'operator', id: 'command line' } as const,
  cause: "it's\nlate \u{1f600}",
  before: 255,
  after: 0,
  operands: { held: [255, 0] },
  tickets: { userSig: 'f0'.repeat(32), privateMapKey: undefined },
  details: { seconds: 1.5, observed: true },
  ...more,
});

/** What is left of a record that was written as JSON. */
const kept = (records: readonly JournalRecord[]): unknown => JSON.parse(JSON.stringify(records));

const failure = (recording: Recording): Promise<unknown> =>
  recording.inTime.then(
    () => undefined,
    (error: unknown) => error,
  );

/** What every journal must do; run it for each kind of journal. */
export function journalContract(name: string, open: () => Promise<JournalUnderTest>): void {
  describe(`the journal ${name}`, () => {
    let at: JournalUnderTest;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());

    const keeps = async (records: readonly JournalRecord[]) => {
      await at.journal().appendGrant(record({ kind: 'stopped' })).inTime;
      expect(kept(await at.read())).toEqual(kept([...records, record({ kind: 'stopped' })]));
    };

    test('keeps every field as it is, and what is absent absent', async () => {
      const least: JournalRecord = { at: 0, kind: 'started', actor: { type: 'system' } as const, cause: '' };
      at.journal().append(record());
      at.journal().append(least);
      await keeps([record(), least]);
    });

    test('keeps what is told and what is granted in the order in which it was handed over', async () => {
      const records = Array.from({ length: 700 }, (_, n) => record({ userId: `u${n}` }));
      for (const [n, one] of records.entries())
        if (n % 3 === 0) at.journal().appendGrant(one);
        else at.journal().append(one);
      await keeps(records);
    });

    test('says of a grant that it is kept when it is, and everything before it', async () => {
      at.journal().append(record({ userId: 'before' }));
      const recording = at.journal().appendGrant(record());
      await recording.inTime;
      await recording.atLast;
      expect((await at.read()).map(({ userId }) => userId)).toEqual(['before', 'ana']);
      expect(at.journal().available).toBe(true);
    });

    test('that cannot keep records says so to each who waits, and keeps all in order when it can again', async () => {
      await at.refuse();
      const first = at.journal().appendGrant(record({ userId: 'first' }));
      at.journal().append(record({ userId: 'second' }));
      expect(await failure(first)).toMatchObject({ name: 'StoreError' });
      expect(at.journal().available).toBe(false);
      const third = at.journal().appendGrant(record({ userId: 'third' }));
      expect(await failure(third)).toMatchObject({ name: 'StoreError' });
      let isKept = false;
      void third.atLast.then(() => {
        isKept = true;
      });
      at.journal().append(record({ userId: 'fourth' }));
      expect(isKept).toBe(false);
      await at.accept();
      await third.atLast;
      await keeps(['first', 'second', 'third', 'fourth'].map((userId) => record({ userId })));
      expect(at.journal().available).toBe(true);
    });

    test('goes on behind what it kept in an earlier life', async () => {
      at.journal().append(record({ userId: 'early' }));
      await at.reopen();
      at.journal().append(record({ userId: 'late' }));
      await keeps([record({ userId: 'early' }), record({ userId: 'late' })]);
    });
  });
}
