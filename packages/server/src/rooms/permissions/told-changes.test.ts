import { RoomWorldUnderTest } from '@roomkey/testkit';
import { AUTH_BITS_DEFAULT, Permission, presets, sendBits } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const { sendAudio, recvAudio } = Permission;

const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number) => ({
  privateMapKey: world.issuer.genPrivateMapKey(userId, 300, 1, bits),
});

describe('what a change of a role tells', () => {
  test('is the role before and after, and the permissions', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { scene: 'live' });
    await ana.seat.switchRole({ role: 'audience' });
    await ana.seat.switchRole({ role: 'anchor' });
    expect(world.told('roleChanged')).toMatchObject([
      { userId: 'ana', before: 'anchor', after: 'audience' },
      { userId: 'ana', before: 'audience', after: 'anchor' },
    ]);
    expect(world.told('permissionsChanged')).toMatchObject([
      { userId: 'ana', before: 255, after: 255 - sendBits },
      { userId: 'ana', before: 255 - sendBits, after: 255 },
    ]);
  });

  test.each(['anchor', 'audience'] as const)('is nothing where %s is the role already', async (role) => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { scene: 'live', role });
    const { effective, cleared } = ana.result.explanation;
    world.clock.advance(1000);
    const { explanation } = await ana.seat.switchRole({ role });
    expect(explanation).toMatchObject({ effective, cleared });
    expect([...world.told('roleChanged'), ...world.told('permissionsChanged')]).toEqual([]);
    expect(ana.link.notices).toEqual([]);
  });

  test('follows the authority in scene live', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { scene: 'live', role: 'audience' });
    await ana.seat.changeAuthority({ authBits: AUTH_BITS_DEFAULT });
    await ana.seat.changeAuthority({ authBits: presets.audience });
    expect(world.told('roleChanged').map(({ before, after }) => [before, after])).toEqual([
      ['audience', 'anchor'],
      ['anchor', 'audience'],
    ]);
  });

  test('is no permission where nobody more may send', async () => {
    const world = new RoomWorldUnderTest({ maxSendersPerRoom: 1 });
    await world.enter('bob', { scene: 'live' });
    const ana = await world.enter('ana', { scene: 'live', role: 'audience' });
    world.clock.advance(1000);
    const { explanation } = await ana.seat.switchRole({ role: 'anchor' });
    expect(explanation.cleared).toMatchObject(
      ['sendAudio', 'sendVideo', 'sendSub'].map((permission) => ({
        permission,
        cause: 'senderCapReached',
        since: world.clock.now(),
      })),
    );
    expect(world.told('permissionsChanged')).toMatchObject([
      { userId: 'ana', cause: 'live:anchor', before: 255 - sendBits, after: 255 - sendBits },
    ]);
  });
});

test('an authority takes the key that is given with it', async () => {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana', { bits: 255 - sendAudio });
  const { explanation } = await ana.seat.changeAuthority({
    authBits: AUTH_BITS_DEFAULT,
    ...keyFor(world, 'ana', 255),
  });
  expect(explanation.effective).toBe(255);
});

test('who gave the key that was asked for is not reminded of it', async () => {
  const world = new RoomWorldUnderTest({ permissionControl: 'off' });
  const ana = await world.enter('ana', { bits: null });
  world.application = { ...world.application, permissionControl: 'enforce' };
  await world.home.applicationChanged(world.application);
  expect(ana.link.told('keyRequired')).toHaveLength(1);
  const back = await world.resume(ana);
  expect(back.link.told('keyRequired')).toHaveLength(1);
  await back.seat.updatePrivateMapKey(keyFor(world, 'ana', 255));
  expect((await world.resume(back)).link.told('keyRequired')).toEqual([]);
});

test('an operator who takes from several is recorded in the order in which they entered', async () => {
  const world = new RoomWorldUnderTest();
  for (const user of ['ana', 'bob', 'eve']) await world.enter(user);
  const { sdkAppId } = world.application;
  const by = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
  await world.operator.setDenied({
    ...by,
    users: { only: ['eve', 'bob'] },
    mask: recvAudio,
    value: recvAudio,
  });
  expect(world.told('permissionsChanged').map(({ userId }) => userId)).toEqual(['bob', 'eve']);
});

test('who waited to send and left has no record of a permission', async () => {
  const world = new RoomWorldUnderTest({ maxSendersPerRoom: 1 });
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  await bob.seat.exit({});
  await ana.seat.exit({});
  expect(world.told('permissionsChanged')).toEqual([]);
});

test('permissions that an observed key does not hold are told once for each key', async () => {
  const world = new RoomWorldUnderTest({ permissionControl: 'observe' });
  const ana = await world.enter('ana');
  expect(world.lacking).toEqual([]);
  const key = keyFor(world, 'ana', 255 - sendAudio);
  await ana.seat.updatePrivateMapKey(key);
  expect(world.lacking).toEqual([{ userId: 'ana', permissions: ['sendAudio'] }]);
});
