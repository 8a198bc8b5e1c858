import { shortShare, turnsOf } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import type { Denial } from '../../ports/index.ts';
import { JournalChain } from './chain.ts';
import { StateCheck } from './state-check.ts';

const actor = { type: 'operator', id: 'olga' } as const;

const denials: readonly Denial[] = Array.from({ length: 300 }, (_, number) => ({
  sdkAppId: 7,
  room: 'n:1',
  userId: `user${number}`,
  mask: 4,
  version: 1,
  expiresAt: 2000,
  since: 500,
  actor,
  cause: 'operator',
}));

/** A check of a database that holds many denials, beside a journal that holds nothing, unless the test says otherwise. */
const check = (parts: Partial<ConstructorParameters<typeof StateCheck>[0]> = {}) =>
  new StateCheck({
    file: { ends: async () => undefined, operated: async () => [], checkpoint: async () => undefined },
    chain: new JournalChain(new Uint8Array(32)),
    outbox: {
      forged: async () => 0,
      read: async () => ({ records: [], forged: 0, next: undefined }),
      discardForged: async () => 0,
    },
    applications: { load: async () => [] },
    restrictions: {
      async *loadInPieces() {
        for (let first = 0; first < denials.length; first += 100)
          yield { denials: denials.slice(first, first + 100), bans: [], revocations: [] };
      },
    },
    now: () => 1000,
    share: shortShare(),
    ...parts,
  });

test('what changes again and again while it is looked at is no difference', async () => {
  let version = 0;
  const bob = { sdkAppId: 7, room: 'n:1', userId: 'bob', actor, cause: 'operator' } as const;
  const differences = check({
    restrictions: {
      async *loadInPieces() {
        const denial = { ...bob, mask: 4, version, expiresAt: 2000, since: 500 };
        yield { denials: version === 0 ? [] : [denial], bans: [], revocations: [] };
      },
    },
    outbox: {
      forged: async () => 0,
      discardForged: async () => 0,
      // The change was made after the database was read.
      read: async ({ after }) => {
        if (after > 0) return { records: [], forged: 0, next: undefined };
        const details = { version: ++version, expiresAt: 2000, since: 500 };
        const denied = { ...bob, id: `${version}`, at: 500, kind: 'denied', details } as const;
        return { records: [{ ...denied, operands: { denied: [0, 4] } }], forged: 0, next: 1 };
      },
    },
  }).differences();
  expect(await differences).toEqual([]);
});

test('many restrictions are compared with the journal over many turns of the event loop', async () => {
  const differences = check().differences();
  expect(await turnsOf(differences)).toBeGreaterThan(100);
  expect((await differences).map(({ subject }) => subject)).toEqual(
    denials.map(({ userId }) => `denial 7 n:1 ${userId}`),
  );
});

test('many differences are accepted over many turns of the event loop', async () => {
  const subjects: unknown[] = [];
  const recording = { inTime: Promise.resolve(), atLast: Promise.resolve() };
  const journal = {
    appendGrant: ({ details }: { details?: Readonly<Record<string, unknown>> | undefined }) => {
      subjects.push(details?.['subject']);
      return recording;
    },
  };
  let before = 0;
  let most = 0;
  await turnsOf(check().accept(journal, actor), () => {
    most = Math.max(most, subjects.length - before);
    before = subjects.length;
  });
  expect(subjects).toHaveLength(denials.length);
  expect(most).toBeLessThan(10);
});
