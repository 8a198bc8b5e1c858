import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';
import { slots } from '@roomkey/tickets/permissions';

export const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number, roomId = 1): string =>
  world.issuer.genPrivateMapKey(userId, 300, roomId, bits);

/** The operator `olga`, for room 1. */
export const operated = (world: RoomWorldUnderTest) => ({
  sdkAppId: world.application.sdkAppId,
  room: { roomId: 1 },
  actor: { type: 'operator', id: 'olga' } as const,
});

/** Takes permissions from a user, or with `value` 0 gives them back. */
export const deny = (world: RoomWorldUnderTest, userId: string, mask: number, value = mask) =>
  world.operator.setDenied({
    ...operated(world),
    users: { only: [userId] },
    mask,
    value,
    cause: 'too loud',
  });

/** `ana` and `bob` in room 1 send and receive everything; nothing is on record yet. */
export async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  for (const member of [ana, bob]) {
    await member.open('recv');
    for (const slot of slots) await member.publish(slot);
  }
  await world.settle();
  world.journal.records.length = 0;
  return { world, ana, bob };
}

/** How many tracks a member receives. */
export const flowsTo = (world: RoomWorldUnderTest, member: TestMember): number =>
  [...world.plane.consumers.values()].filter(({ transportId }) => transportId === member.transports.recv)
    .length;
