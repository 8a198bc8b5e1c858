import {
  type Ban,
  type Denial,
  type NamedRecord,
  type RestrictionStore,
  type Revocation,
  type StoredRestrictions,
  StoreError,
} from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { following } from './fake-restriction-store.ts';

/** One store that holds applications 7 and 8 and no restrictions, and the way to lose everything but what it keeps. */
export interface RestrictionStoreUnderTest {
  store(): RestrictionStore;
  /** The records that are kept with changes and are not in the journal. */
  records(): Promise<readonly NamedRecord[]>;
  /** Ends this life of the store and begins another one on the same data. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** A time at which nothing has ended. */
const now = 1_800_000_000_000;

const decision = {
  actor: { type: 'operator', id: 'command line' } as const,
  cause: 'größer "1" \\ 房间',
  since: now,
};

const denial = (more: Partial<Denial> = {}): Denial => ({
  ...decision,
  sdkAppId: 7,
  room: 's:a b',
  userId: 'ana',
  mask: 255,
  version: 1,
  expiresAt: 1_800_000_000_500,
  ...more,
});

const ban = (more: Partial<Ban> = {}): Ban => ({
  ...decision,
  sdkAppId: 7,
  room: undefined,
  userId: 'ana',
  until: 1_800_000_000_500,
  version: 1,
  ...more,
});

const revocation = (more: Partial<Revocation> = {}): Revocation => ({
  ...decision,
  sdkAppId: 7,
  target: 'a',
  at: 0xff_ff_ff_ff,
  version: 1,
  ...more,
});

const recordNamed = (id: string): NamedRecord => ({
  id,
  at: now,
  kind: 'denied',
  actor: { type: 'operator', id: 'olga' },
  cause: id,
});

const nothing: StoredRestrictions = { denials: [], bans: [], revocations: [], floors: [] };

/** The same in an order that does not depend on the store. */
const sorted = ({ denials, bans, revocations, floors }: StoredRestrictions): StoredRestrictions => {
  const byText = <T>(rows: readonly T[]): T[] =>
    [...rows].sort((a, b) => (JSON.stringify(entries(a)) < JSON.stringify(entries(b)) ? -1 : 1));
  return {
    denials: byText(denials),
    bans: byText(bans),
    revocations: byText(revocations),
    floors: byText(floors),
  };
};
const entries = (row: unknown) => Object.entries(Object(row)).sort(([a], [b]) => (a < b ? -1 : 1));

/** What every store of restrictions must do; run it for each kind of store. */
export function restrictionStoreContract(name: string, open: () => Promise<RestrictionStoreUnderTest>): void {
  describe(`the restriction store ${name}`, () => {
    let at: RestrictionStoreUnderTest;
    beforeEach(async () => {
      at = await open();
    });
    afterEach(() => at.close());

    const expectKept = async (restrictions: Partial<StoredRestrictions>) => {
      await at.reopen();
      expect(sorted(await at.store().load())).toEqual(sorted({ ...nothing, ...restrictions }));
    };

    test('begins empty', async () => {
      await expectKept({});
    });

    test('keeps the records of a change in one step with it, and none of a change that is refused', async () => {
      const many = Array.from({ length: 250 }, (_, n) => `denial ${n}`);
      const denials = many.map((userId) => denial({ userId: userId.replace(' ', '') }));
      await at.store().saveDenials(denials.map(following), many.map(recordNamed));
      await at.store().saveBan(following(ban()), [recordNamed('ban')]);
      await at.store().forgetBan(ban(), [recordNamed('unban')]);
      await at.store().saveRevocation(revocation(), [recordNamed('revocation')]);
      await at.store().prune(now, [recordNamed('expired')]);
      const refused = [recordNamed('refused')];
      const changes = [
        () => at.store().saveDenials(denials.map(following), refused),
        () => at.store().saveBan(following(ban({ version: 7 })), refused),
        () => at.store().forgetBan(ban(), refused),
        () => at.store().saveRevocation(revocation(), refused),
      ];
      for (const change of changes) await expect(change()).rejects.toThrow(StoreError);
      const names = [...many, 'ban', 'unban', 'revocation', 'expired'];
      expect(await at.records()).toEqual(names.map(recordNamed));
    });

    test('keeps denials of applications, rooms and users apart, and replaces the same one', async () => {
      const others = [denial({ sdkAppId: 8 }), denial({ room: 'n:1' }), denial({ userId: 'bob', mask: 0 })];
      await at.store().saveDenials([denial(), ...others].map(following), []);
      const changed = denial({
        mask: 4,
        version: 2,
        actor: { type: 'operator', id: 'somebody' } as const,
        expiresAt: 5,
      });
      await at.store().saveDenials([following(changed)], []);
      await expectKept({ denials: [changed, ...others] });
    });

    test('loads in pieces what it loads at once', async () => {
      const denials = Array.from({ length: 1200 }, (_, n) => denial({ userId: `u${n}` }));
      await at.store().saveDenials(denials.map(following), []);
      await at.store().saveBan(following(ban()), []);
      await at.store().saveRevocation(revocation(), []);
      const loaded: Denial[] = [];
      const others: unknown[] = [];
      for await (const piece of at.store().loadInPieces()) {
        loaded.push(...piece.denials);
        others.push(...piece.bans, ...piece.revocations);
      }
      expect(sorted({ ...nothing, denials: loaded })).toEqual(sorted({ ...nothing, denials }));
      expect(others).toEqual([ban(), revocation()]);
    });

    test('keeps thousands of denials in one change', async () => {
      const denials = Array.from({ length: 2500 }, (_, n) => denial({ userId: `u${n}` }));
      await at.store().saveDenials(denials.map(following), []);
      expect(await at.store().readDenials(7, 's:a b')).toHaveLength(2500);
      const changed = denials.map((one, n) => ({ ...one, mask: n % 256, version: 2 }));
      await at.store().saveDenials(changed.map(following), []);
      await expectKept({ denials: changed });
    });

    test('keeps, replaces and forgets bans of a room and of the application', async () => {
      const inRoom = ban({ room: 'n:1' });
      for (const one of [ban(), inRoom, ban({ userId: 'bob' }), ban({ sdkAppId: 8 })])
        await at.store().saveBan(following(one), []);
      const longer = ban({ room: 'n:1', until: 9_000_000_000_000, version: 2 });
      await at.store().saveBan(following(longer), []);
      await at.store().forgetBan(ban(), []);
      await expectKept({
        bans: [longer, ban({ userId: 'bob' }), ban({ sdkAppId: 8 })],
        floors: [{ sdkAppId: 7, version: 1 }],
      });
    });

    test('keeps and replaces revocations', async () => {
      const others = [
        revocation({ sdkAppId: 8 }),
        revocation({ target: 'u:ana' }),
        revocation({ target: 'r:n:1' }),
      ];
      for (const one of [revocation({ at: 5 }), ...others]) await at.store().saveRevocation(one, []);
      const later = revocation({ version: 2 });
      await at.store().saveRevocation(later, []);
      await expectKept({ revocations: [later, ...others] });
    });

    test('prunes the denials and bans that end at the time or before it, and no revocation', async () => {
      const rows = [-1, 0, 1].map((off) => ({ userId: `u${off + 1}`, time: 1_800_000_000_500 + off }));
      const denials = rows.map(({ userId, time }) => denial({ userId, expiresAt: time }));
      await at.store().saveDenials(denials.map(following), []);
      for (const { userId, time } of rows)
        await at.store().saveBan(following(ban({ userId, until: time })), []);
      await at.store().saveRevocation(revocation({ at: 1, since: 1 }), []);
      await at.store().prune(1_800_000_000_500, []);
      await expectKept({
        denials: [denial({ userId: 'u2', expiresAt: 1_800_000_000_501 })],
        bans: [ban({ userId: 'u2', until: 1_800_000_000_501 })],
        revocations: [revocation({ at: 1, since: 1 })],
        floors: [{ sdkAppId: 7, version: 1 }],
      });
    });

    test('refuses what belongs to no application, and keeps nothing of such a change', async () => {
      const refused = [
        () => at.store().saveDenials([denial(), denial({ sdkAppId: 9 })].map(following), []),
        () => at.store().saveBan(following(ban({ sdkAppId: 9 })), []),
        () => at.store().saveRevocation(revocation({ sdkAppId: 9 }), []),
      ];
      for (const call of refused) await expect(call()).rejects.toThrow(StoreError);
      await expectKept({});
    });

    test('reads the denials of a room, a ban and a revocation as they are now', async () => {
      const denials = [denial(), denial({ userId: 'bob' })];
      const elsewhere = [denial({ room: 'n:1' }), denial({ sdkAppId: 8 })];
      await at.store().saveDenials([...denials, ...elsewhere].map(following), []);
      const bans = [ban(), ban({ room: 'n:1' })];
      for (const one of bans) await at.store().saveBan(following(one), []);
      await at.store().saveRevocation(revocation(), []);
      const read = sorted({ ...nothing, denials: await at.store().readDenials(7, 's:a b') });
      expect(read).toEqual(sorted({ ...nothing, denials }));
      expect(await at.store().readBan(ban())).toEqual(bans[0]);
      expect(await at.store().readBan(ban({ room: 'n:1' }))).toEqual(bans[1]);
      expect(await at.store().readBan(ban({ room: 'n:2' }))).toBeUndefined();
      expect(await at.store().readRevocation(7, 'a')).toEqual(revocation());
      expect(await at.store().readRevocation(8, 'a')).toBeUndefined();
    });

    test('refuses as a conflict what does not follow on the version that is kept, and saves nothing of it', async () => {
      const save = [
        (version: number) =>
          at.store().saveDenials([denial({ userId: 'zoe' }), denial({ version })].map(following), []),
        (version: number) => at.store().saveBan(following(ban({ version })), []),
        (version: number) => at.store().saveRevocation(revocation({ version }), []),
      ];
      for (const change of save)
        await expect(change(2), 'none is kept').rejects.toMatchObject({ fault: 'conflict' });
      await expect(at.store().forgetBan(ban(), [])).rejects.toMatchObject({ fault: 'conflict' });
      await expectKept({});
      const second = { version: 2, cause: 'changed' };
      for (const version of [1, 2]) {
        await at.store().saveDenials([following(denial({ ...second, version }))], []);
        await at.store().saveBan(following(ban({ ...second, version })), []);
        await at.store().saveRevocation(revocation({ ...second, version }), []);
      }
      for (const change of save)
        for (const version of [1, 2, 4])
          await expect(change(version), `${version}`).rejects.toMatchObject({ fault: 'conflict' });
      for (const version of [1, 3])
        await expect(at.store().forgetBan(ban({ version }), [])).rejects.toMatchObject({ fault: 'conflict' });
      await expectKept({
        denials: [denial(second)],
        bans: [ban(second)],
        revocations: [revocation(second)],
      });
    });

    test('takes what is new for a conflict with what is kept, ended or not', async () => {
      await at.store().saveDenials([following(denial({ expiresAt: 1 }))], []);
      await at.store().saveBan(following(ban({ until: 1 })), []);
      const anew = [
        () => at.store().saveDenials([{ before: undefined, after: denial({ version: 2 }) }], []),
        () => at.store().saveBan({ before: undefined, after: ban({ version: 2 }) }, []),
      ];
      for (const save of anew) await expect(save()).rejects.toMatchObject({ fault: 'conflict' });
      await expectKept({ denials: [denial({ expiresAt: 1 })], bans: [ban({ until: 1 })] });
    });

    test('takes no version again that a deleted denial or ban of the application had', async () => {
      const conflict = { fault: 'conflict' };
      const saveNew = {
        denial: (version: number) =>
          at.store().saveDenials([{ before: undefined, after: denial({ version }) }], []),
        ban: (version: number) => at.store().saveBan({ before: undefined, after: ban({ version }) }, []),
      };
      for (const version of [1, 2, 3]) await at.store().saveDenials([following(denial({ version }))], []);
      for (const version of [1, 2, 3, 4, 5]) await at.store().saveBan(following(ban({ version })), []);
      expect(await at.store().readFloor(7)).toBe(0);
      await at.store().prune(1_800_000_000_500, []);
      await expect(at.store().saveDenials([following(denial({ version: 4 }))], [])).rejects.toMatchObject(
        conflict,
      );
      for (const save of [saveNew.denial, saveNew.ban]) {
        await expect(save(5)).rejects.toMatchObject(conflict);
        await save(6);
      }
      await at.store().forgetBan(ban({ version: 6 }), []);
      await expect(saveNew.ban(6)).rejects.toMatchObject(conflict);
      await at.store().saveBan(following(ban({ sdkAppId: 8 })), []);
      await at.reopen();
      expect([await at.store().readFloor(7), await at.store().readFloor(8)]).toEqual([6, 0]);
      await saveNew.ban(7);
      await at.store().saveRevocation(revocation(), []);
    });
  });
}
