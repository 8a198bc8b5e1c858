import { RoomWorldUnderTest, shortShare, turnsOf } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';

const { sendAudio } = Permission;
const users = Array.from({ length: 200 }, (_, number) => `user${number}`);

/** A server that does little in one turn of the event loop, and a change for many users. */
function stage() {
  const world = new RoomWorldUnderTest({ share: shortShare() });
  const { sdkAppId } = world.application;
  const at = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
  const change = (more: object = {}) =>
    world.operator.setDenied({ ...at, users: { only: users }, mask: sendAudio, value: sendAudio, ...more });
  const inForce = () =>
    users.filter(
      (userId) => world.restrictions.denial({ sdkAppId, room: 'n:1', userId })?.mask === sendAudio,
    );
  return { world, change, inForce };
}

test('a change for many users is worked out over many turns, and is in force for all of them at once', async () => {
  const { world, change, inForce } = stage();
  const seen = new Set<number>();
  const made = change();
  // Deciding, recording, naming and handing over each take their turns.
  expect(await turnsOf(made, () => seen.add(inForce().length))).toBeGreaterThan(100);
  expect([...seen, inForce().length]).toEqual([0, users.length]);
  expect(await made).toHaveLength(users.length);
  expect(world.store.read().denials).toHaveLength(users.length);
  expect(world.journal.records.filter(({ kind }) => kind === 'denied')).toHaveLength(users.length);
});

test('a change for many users that is refused for the last one changes nothing', async () => {
  const { world, change, inForce } = stage();
  const expectedVersion = [[users.at(-1) ?? '', 5]] as const;
  const made = change({ expectedVersion });
  await expect(turnsOf(made)).rejects.toMatchObject({ code: 'versionConflict' });
  expect([inForce(), world.store.read().denials]).toEqual([[], []]);
});

test('what is given back to many users at once is on record once for each of them', async () => {
  const { world, change, inForce } = stage();
  await change();
  const given = await change({ value: 0 });
  expect([given.length, inForce()]).toEqual([users.length, []]);
  const back = world.journal.records.filter(({ operands }) => operands?.denied?.[1] === 0);
  expect(new Set(back.map(({ userId }) => userId)).size).toBe(users.length);
});
