import { FakeJournal, FakeRestrictionStore, following } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { pageOf } from '../page-of.ts';
import { type Denial, StoreError } from '../ports/index.ts';
import type { Reloaded } from './restriction-context.ts';
import { Restrictions } from './restrictions.ts';
import { revocationTarget, revokedTickets } from './revocation.ts';

const by = { actor: { type: 'operator', id: 'olga' } as const, cause: 'operator' };
const decision = { actor: { type: 'operator', id: 'olga' } as const, cause: 'operator', since: 1000 };
const at = { sdkAppId: 7, room: 'n:1', userId: 'ana' };
const denial = { ...at, ...decision, mask: 4, version: 3, expiresAt: 2000 };
const ban = { ...at, ...decision, until: 2000, version: 1 };
const DAY = 86_400_000;

/** Restrictions at a time that a test sets. */
async function restrictions(now = 1000) {
  const clock = { time: now, now: () => clock.time, elapsed: () => clock.time };
  const store = new FakeRestrictionStore();
  for (const version of [1, 2, 3]) await store.saveDenials([following({ ...denial, version })], []);
  await store.saveBan(following(ban), []);
  return { clock, store, known: await Restrictions.open(store, clock, new FakeJournal()) };
}

test('what has ended counts no more, pruned or not', async () => {
  const { clock, known } = await restrictions(1999);
  expect([known.denied(at).bits, known.denial(at)?.version, known.isBanned(at)]).toEqual([4, 3, true]);
  expect([[...known.denials(7)].length, [...known.bans(7)].length]).toEqual([1, 1]);
  clock.time = 2000;
  expect([known.denied(at).bits, known.denial(at), known.isBanned(at)]).toEqual([0, undefined, false]);
  expect([[...known.denials(7)].length, [...known.bans(7)].length, known.nextEnd]).toEqual([0, 0, 2000]);
  expect(await known.prune()).toMatchObject({ denials: [denial] });
  expect(known.nextEnd).toBeUndefined();
});

test('the version of a denial or a ban never falls: not when it ends, is deleted or is lifted', async () => {
  const { clock, store, known } = await restrictions();
  await known.liftBan(ban, by);
  expect((await known.setBan(ban)).result.version).toBe(2);
  clock.time = 2000;
  expect(known.denialVersion(at)).toBe(3);
  expect((await known.setBan({ ...ban, until: 2001 })).result.version).toBe(3);
  clock.time += DAY + 1;
  await known.prune();
  expect([store.read().denials, store.read().bans]).toEqual([[], []]);
  const later = await Restrictions.open(store, clock, new FakeJournal());
  for (const of of [known, later])
    expect([of.denialVersion(at), of.denialVersion({ ...at, sdkAppId: 8 })]).toEqual([3, 0]);
  const until = clock.time + 1000;
  expect((await known.setBan({ ...ban, until })).result.version).toBe(4);
  await known.changeDenials(() => [{ ...denial, version: 4, expiresAt: until }], by);
  expect(known.denial(at)).toMatchObject({ version: 4 });
});

test('a store that cannot prune hinders nothing, and what is left there ends all the same', async () => {
  const { clock, store, known } = await restrictions(2000);
  store.failWith(new StoreError('full', 'disk full'));
  expect(await known.prune()).toMatchObject({ denials: [denial] });
  clock.time += DAY;
  expect(await known.prune()).toEqual({ denials: [], bans: [] });
  // As a restart finds it.
  const restarted = await Restrictions.open(store, clock, new FakeJournal());
  for (const userId of ['ana', 'zoe'])
    expect(known.denialVersion({ ...at, userId })).toBe(restarted.denialVersion({ ...at, userId }));
  store.failWith();
  expect(store.read().denials).toHaveLength(1);
  const take = () => [{ ...denial, version: known.denialVersion(at) + 1, expiresAt: clock.time + 1000 }];
  await known.changeDenials(take, by);
  expect(known.denial(at)).toMatchObject({ version: 4 });
  clock.time += 1000;
  const later = await Restrictions.open(store, clock, new FakeJournal());
  expect([later.denied(at).bits, later.isBanned(at)]).toEqual([0, false]);
});

test('what is known of the time at the start counts, and not what was made by a wall clock that is ahead', async () => {
  const { store, clock, known } = await restrictions();
  const knownTime = clock.time;
  clock.time += 20 * DAY;
  await known.setBan({ ...ban, userId: 'eve', until: clock.time + 1000, since: clock.time });
  const kept = store.read();
  const later = await Restrictions.open(store, clock, new FakeJournal(), knownTime);
  await later.prune();
  expect(store.read()).toEqual(kept);
});

test('a change that the store refuses is not in force, and the next one is made', async () => {
  const { store, known } = await restrictions();
  store.failWith(new StoreError('locked', 'held by another program'));
  const changes = [
    () => known.changeDenials(() => [{ ...denial, mask: 255, version: 4 }], by),
    () => known.setBan({ ...ban, room: undefined }),
    () => known.liftBan(ban, by),
    () => known.raise({ sdkAppId: 7, target: 'a', at: 5, ...decision }),
  ];
  for (const change of changes)
    await expect(change()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('held by another program'),
    });
  expect([known.denied(at).bits, known.ban(ban), known.ban({ ...ban, room: undefined })]).toEqual([
    4,
    ban,
    undefined,
  ]);
  expect(known.revoked({ sdkAppId: 7, userId: 'ana', issuedAt: 1 })).toBeUndefined();
  store.failWith();
  await known.liftBan(ban, by);
  expect(known.isBanned(at)).toBe(false);
});

test('a revocation revokes the tickets of whom it names and of nobody else', async () => {
  const { known } = await restrictions();
  const revoke = (target: string) => known.raise({ sdkAppId: 7, target, at: 50, ...decision });
  await revoke(revocationTarget({ userId: 'ana' }));
  await revoke(revocationTarget({ room: { strRoomId: '1' } }));
  const revoked = (more: object) =>
    known.revoked({ sdkAppId: 7, userId: 'bob', room: 'n:1', issuedAt: 0, ...more });
  expect(revoked({})).toBeUndefined();
  expect(revoked({ sdkAppId: 8, userId: 'ana', room: 's:1' })).toBeUndefined();
  expect(revoked({ userId: 'ana' })).toBe('revoked');
  expect(revoked({ room: 's:1' })).toBe('revoked');
  await revoke(revocationTarget('application'));
  expect(revoked({ room: undefined })).toBe('revoked');
});

test.each(['application', { userId: 'a' }, { room: { roomId: 7 } }, { room: { strRoomId: 'u:a' } }] as const)(
  'the target of a revocation names %j and nothing else',
  (tickets) => {
    expect(revokedTickets(revocationTarget(tickets))).toEqual(tickets);
  },
);

test('applications are kept apart, and their lists are sorted by user and room', async () => {
  const { known } = await restrictions();
  for (const userId of ['zoe', 'bob'])
    for (const room of ['n:2', 'n:1'])
      await known.changeDenials(() => [{ ...denial, sdkAppId: 8, userId, room, version: 1 }], by);
  await known.raise({ sdkAppId: 8, target: 'u:zoe', at: 1, ...decision });
  await known.raise({ sdkAppId: 8, target: 'a', at: 1, ...decision });
  expect([...known.denials(8)].map(([name]) => name)).toEqual(['bob n:1', 'bob n:2', 'zoe n:1', 'zoe n:2']);
  expect([...known.denials(7)].map(([, one]) => one)).toEqual([denial]);
  expect([...known.revocations(8)].map(([name]) => name)).toEqual(['a', 'u:zoe']);
  expect([[...known.bans(8)].length, [...known.denials(9)].length, [...known.revocations(7)].length]).toEqual(
    [0, 0, 0],
  );
});

test('a page of many denials looks at those that it shows, and at no others', async () => {
  let looked = 0;
  const denials = Array.from({ length: 5000 }, (_, number) => ({
    ...denial,
    userId: `user${number}`,
    get mask() {
      looked++;
      return 4;
    },
  }));
  const clock = { now: () => 1000, elapsed: () => 1000 };
  const stored = { denials, bans: [], revocations: [], floors: [] };
  const known = new Restrictions(new FakeRestrictionStore(), clock, new FakeJournal(), stored);
  looked = 0;
  const { rows, next } = pageOf(known.denials(7, 'user4 n:1'), 10);
  expect(rows.map(({ userId }) => userId).slice(0, 3)).toEqual(['user40', 'user400', 'user4000']);
  expect([rows.length, next, looked]).toEqual([10, { next: 'user4007 n:1' }, 11]);
});

describe('another process', () => {
  /** What two processes know of one store. */
  async function two() {
    const { store, clock, known: here } = await restrictions();
    const there = await Restrictions.open(store, clock, new FakeJournal());
    const heard: Reloaded[] = [];
    here.onReload((what) => heard.push(what));
    return { store, here, there, heard };
  }

  /** Takes permissions from users beside those that are taken already, as an operator does. */
  const take = (known: Restrictions, mask: number, ...userIds: string[]) =>
    known.changeDenials(
      () =>
        userIds.flatMap((userId): Denial[] => {
          const before = known.denial({ ...at, userId });
          const taken = (before?.mask ?? 0) | mask;
          return taken === before?.mask
            ? []
            : [{ ...denial, userId, mask: taken, version: (before?.version ?? 0) + 1 }];
        }),
      by,
    );

  test('that took other permissions meanwhile keeps them: the denial is decided again', async () => {
    const { store, here, there, heard } = await two();
    await take(there, 8, 'ana', 'eve');
    await take(here, 1, 'ana', 'bob');
    const masks = new Map(store.read().denials.map(({ userId, mask, version }) => [userId, [mask, version]]));
    expect(masks).toEqual(
      new Map([
        ['ana', [4 | 8 | 1, 5]],
        ['eve', [8, 1]],
        ['bob', [1, 1]],
      ]),
    );
    expect(here.denied({ ...at, userId: 'eve' }).bits).toBe(8);
    expect(heard).toEqual([{ sdkAppId: 7, room: 'n:1', userIds: ['ana', 'eve'] }]);
  });

  test('that took the same permissions already leaves nothing to change, and what it took is in force and told', async () => {
    const { here, there, heard } = await two();
    await take(there, 1, 'ana');
    expect((await take(here, 1, 'ana')).result).toEqual([]);
    expect(here.denial(at)).toEqual(there.denial(at));
    expect(heard).toHaveLength(1);
  });

  test('that lifted a ban or set it anew is not overruled by what was known before', async () => {
    const { store, here, there } = await two();
    await there.setBan({ ...ban, until: 3000 });
    expect((await here.setBan({ ...ban, until: 4000 })).result).toMatchObject({ until: 4000, version: 3 });
    await there.liftBan(ban, by);
    expect(store.read().bans).toEqual([]);
    await expect(here.liftBan(ban, by)).rejects.toMatchObject({ code: 'banUnknown' });
    expect(here.isBanned(at)).toBe(false);
  });

  test('that revoked further keeps its second', async () => {
    const { here, there, heard } = await two();
    await there.raise({ sdkAppId: 7, target: 'u:ana', at: 90, ...decision });
    const raised = await here.raise({ sdkAppId: 7, target: 'u:ana', at: 50, ...decision });
    expect(raised).toMatchObject({ at: 90, version: 2 });
    expect(heard).toEqual([{ sdkAppId: 7, room: undefined, userIds: ['ana'] }]);
  });

  test('that is faster every time ends in an error, and nothing is changed', async () => {
    const { store, here } = await two();
    let asked = 0;
    store.saveBan = async () => {
      asked++;
      throw new StoreError('conflict', 'changed at the same time');
    };
    await expect(here.setBan({ ...ban, until: 5000 })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Nothing was changed'),
    });
    expect(asked).toBe(5);
    expect(here.ban(ban)).toEqual(ban);
  });
});
