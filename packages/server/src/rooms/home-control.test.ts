import { RoomWorldUnderTest, shortShare, turnsOf } from '@roomkey/testkit';
import { expect, test, vi } from 'vitest';
import { Publications } from './publications.ts';

/** A room with many members, in a server that does little in one turn. */
async function crowd(count: number) {
  const world = new RoomWorldUnderTest({ share: shortShare(), permissionControl: 'observe' });
  for (let number = 0; number < count; number++) await world.enter(`user${number}`, { bits: null });
  await world.settle();
  return { world, sdkAppId: world.application.sdkAppId };
}

test('what enforce would make of many members is counted over many turns of the event loop', async () => {
  const { world, sdkAppId } = await crowd(60);
  const observed = world.lists.observed(sdkAppId);
  expect(await turnsOf(observed)).toBeGreaterThan(5);
  expect(await observed).toMatchObject({ members: 60, refused: { privateMapKeyMissing: 60 } });
});

test('a page of many members is gathered over many turns, and shows nobody who leaves meanwhile', async () => {
  const { world, sdkAppId } = await crowd(60);
  const page = world.lists.room({ sdkAppId, room: { roomId: 1 }, after: 'user2', limit: 5 });
  const at = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
  await world.operator.kick({ ...at, userIds: ['user21'] });
  expect(await turnsOf(page)).toBeGreaterThan(5);
  const { members, next } = await page;
  expect(members.map(({ userId }) => userId)).toEqual(['user20', 'user22', 'user23', 'user24']);
  expect(next).toBe('user24');
});

test('when media is available again, rooms are asked over many turns whether they wait for it', async () => {
  const world = new RoomWorldUnderTest({ share: shortShare() });
  for (let roomId = 1; roomId <= 60; roomId++) await world.enter('ana', { roomId });
  await world.settle();
  const asked = vi.spyOn(Publications.prototype, 'lost', 'get');
  try {
    world.home.available();
    expect(asked.mock.calls.length).toBeLessThan(10);
    for (let turn = 0; turn < 30; turn++) await world.settle();
    expect(asked.mock.calls.length).toBe(60);
  } finally {
    asked.mockRestore();
  }
});
