import { RoomWorldUnderTest } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';

const DAY = 86_400_000;
const { sendAudio } = Permission;

/** Bob may not send sound, and eve may not come in, both for a while. */
async function stage(seconds = 3600) {
  const world = new RoomWorldUnderTest();
  const { sdkAppId } = world.application;
  const at = {
    sdkAppId,
    room: { roomId: 1 },
    actor: { type: 'operator', id: 'olga' },
    cause: 'too loud',
  } as const;
  const bob = await world.enter('bob');
  const users = { only: ['bob'] };
  await world.operator.setDenied({ ...at, users, mask: sendAudio, value: sendAudio, seconds });
  await world.operator.ban({ ...at, userId: 'eve', seconds });
  const kept = () => [world.store.read().denials.length, world.store.read().bans.length];
  const last = () => bob.link.told('permissionChanged').at(-1)?.after;
  const jump = (ms: number) => world.clock.set(world.clock.now() + ms);
  return { world, bob, kept, last, jump };
}

test('a wall clock that jumps two days ahead for half a minute ends nothing for good', async () => {
  const { world, kept, last, jump } = await stage();
  jump(2 * DAY);
  world.clock.advance(31_000);
  await world.settle();
  expect(last()).toBe(255);
  const eve = await world.enter('eve');
  expect(kept()).toEqual([1, 1]);
  jump(-2 * DAY);
  world.clock.advance(30_000);
  await world.settle();
  expect(kept()).toEqual([1, 1]);
  expect(last()).toBe(255 - sendAudio);
  expect(eve.link.told('removed')).toEqual([{ reason: 'banned', cause: 'banned' }]);
  await expect(world.enter('eve')).rejects.toMatchObject({ code: 'banned' });
  expect(world.journal.records.filter(({ details }) => details?.['ended'])).toEqual([]);
});

test('a wall clock that was set for good is believed after a day, and what is over is deleted then', async () => {
  const { world, kept, last, jump } = await stage((1.5 * DAY) / 1000);
  const pass = async (ms: number) => {
    world.clock.advance(ms);
    await world.settle();
  };
  jump(2 * DAY);
  await pass(60_000);
  expect(last()).toBe(255);
  await pass(DAY - 120_000);
  expect(kept()).toEqual([1, 1]);
  for (let times = 0; times < 3; times++) await pass(60_000);
  expect(kept()).toEqual([0, 0]);
});

test('what is over is deleted a day later, and not while the wall clock is not believed', async () => {
  const { world, kept, last, jump } = await stage();
  const pass = async (ms: number) => {
    world.clock.advance(ms);
    await world.settle();
  };
  const beginning = world.clock.elapsed();
  await pass(3_600_000);
  expect(last()).toBe(255);
  await pass(DAY - 60_000);
  expect(kept()).toEqual([1, 1]);
  jump(2 * DAY);
  for (const ms of [60_000, 60_000, DAY - 180_000]) {
    await pass(ms);
    expect(kept()).toEqual([1, 1]);
  }
  for (const ms of [60_000, 60_000]) await pass(ms);
  expect(kept()).toEqual([0, 0]);
  const ended = world.journal.records.filter(({ details }) => details?.['ended']);
  const endedAt = 1_800_000_000_000 + beginning + 3_600_000;
  expect(ended.map(({ kind, details }) => [kind, details])).toEqual([
    ['expired', { ended: 'denial', endedAt }],
    ['expired', { ended: 'ban', endedAt }],
  ]);
});

test('a server that starts while the wall clock is ahead deletes nothing either', async () => {
  const { world, kept } = await stage();
  await world.home.close();
  const later = new RoomWorldUnderTest({}, world.store);
  later.clock.set(world.clock.now() + 2 * DAY);
  later.clock.advance(31_000);
  await later.settle();
  expect(kept()).toEqual([1, 1]);
});
