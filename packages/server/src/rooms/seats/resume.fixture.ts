import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';

/** The refusal of a resume; `removed` is what only the holder of a secret is told. */
export const refused = (removed?: object) => ({ code: 'resumeRefused', data: removed ? { removed } : {} });

/** Ana and bob, who send and receive each other's microphone and camera, and whose consumers flow. */
export async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  for (const member of [ana, bob]) {
    await member.open('send');
    await member.open('recv');
    await member.publish('microphone');
    await member.publish('camera');
  }
  await world.settle();
  for (const { link, seat } of [ana, bob])
    for (const { consumerId } of link.told('consumerOpened')) await seat.consumerReady({ consumerId });
  const { sdkAppId } = world.application;
  const at = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
  return { world, ana, bob, at };
}

/** What reaches a member, by slot. */
export function flowing({ plane }: RoomWorldUnderTest, { transports }: TestMember): string[] {
  return [...plane.consumers.values()]
    .filter(({ transportId, paused }) => transportId === transports.recv && !paused)
    .map(({ trackId }) => plane.tracks.get(trackId)?.slot ?? '')
    .sort();
}
