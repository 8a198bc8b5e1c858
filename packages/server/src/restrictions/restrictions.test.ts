import { FakeRestrictionStore } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { StoreError } from '../ports/index.ts';
import { Restrictions } from './restrictions.ts';
import { revocationTarget, revokedTickets } from './revocation.ts';

const decision = { actor: 'olga', cause: 'operator', since: 1000 };
const at = { sdkAppId: 7, room: 'n:1', userId: 'ana' };
const denial = { ...at, ...decision, mask: 4, version: 3, expiresAt: 2000 };
const ban = { ...at, ...decision, until: 2000 };

/** Restrictions at a time that a test sets. */
async function restrictions(now = 1000) {
  const clock = { time: now, now: () => clock.time };
  const store = new FakeRestrictionStore();
  await store.saveDenials([denial]);
  await store.saveBan(ban);
  return { clock, store, known: await Restrictions.open(store, clock) };
}

test('what has ended counts no more, pruned or not', async () => {
  const { clock, known } = await restrictions(1999);
  expect([known.denied(at).bits, known.denial(at)?.version, known.isBanned(at)]).toEqual([4, 3, true]);
  expect([known.denials(7).size, known.bans(7).size]).toEqual([1, 1]);
  clock.time = 2000;
  expect([known.denied(at).bits, known.denial(at), known.isBanned(at)]).toEqual([0, undefined, false]);
  expect([known.denials(7).size, known.bans(7).size, known.nextEnd]).toEqual([0, 0, 2000]);
  expect(await known.prune()).toMatchObject({ denials: [denial] });
  expect(known.nextEnd).toBeUndefined();
});

test('a store that cannot prune hinders nothing, and what is left there ends all the same', async () => {
  const { clock, store, known } = await restrictions(2000);
  store.failWith(new StoreError('full', 'disk full'));
  expect(await known.prune()).toMatchObject({ denials: [denial] });
  const later = await Restrictions.open(store, clock);
  expect([later.denied(at).bits, later.isBanned(at)]).toEqual([0, false]);
});

test('a change that the store refuses is not in force, and the next one is made', async () => {
  const { store, known } = await restrictions();
  store.failWith(new StoreError('locked', 'held by another program'));
  const changes = [
    () => known.changeDenials(() => [{ ...denial, mask: 255 }]),
    () => known.setBan({ ...ban, room: undefined }),
    () => known.liftBan(ban),
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
  await known.liftBan(ban);
  expect(known.isBanned(at)).toBe(false);
});

test('a revocation revoked the tickets of whom it names and of nobody else', async () => {
  const { known } = await restrictions();
  const mark = (target: string) => known.raise({ sdkAppId: 7, target, at: 50, ...decision });
  await mark(revocationTarget({ userId: 'ana' }));
  await mark(revocationTarget({ room: { strRoomId: '1' } }));
  const revoked = (more: object) =>
    known.revoked({ sdkAppId: 7, userId: 'bob', room: 'n:1', issuedAt: 0, ...more });
  expect(revoked({})).toBeUndefined();
  expect(revoked({ sdkAppId: 8, userId: 'ana', room: 's:1' })).toBeUndefined();
  expect(revoked({ userId: 'ana' })).toBe('revoked');
  expect(revoked({ room: 's:1' })).toBe('revoked');
  await mark(revocationTarget('application'));
  expect(revoked({ room: undefined })).toBe('revoked');
});

test.each(['application', { userId: 'a' }, { room: { roomId: 7 } }, { room: { strRoomId: 'u:a' } }] as const)(
  'the target of a revocation names %j and nothing else',
  (tickets) => {
    expect(revokedTickets(revocationTarget(tickets))).toEqual(tickets);
  },
);
