import { RoomWorldUnderTest, shortShare } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';

const { recvAudio, recvVideo } = Permission;

/** `ana` publishes, and so many others receive what she publishes. */
async function audience(size: number) {
  const world = new RoomWorldUnderTest({ maxMembersPerRoom: 1000 });
  const ana = await world.enter('ana');
  await ana.publish('microphone');
  await ana.publish('camera');
  const others = [];
  for (let index = 0; index < size; index++) {
    const other = await world.enter(`user_${index}`);
    await other.open('recv');
    others.push(other);
  }
  for (let turn = 0; turn < 1000 && world.plane.consumers.size < 2 * size; turn++) await world.settle();
  // What is still to be told.
  for (let turn = 0; turn < 1000; turn++) await world.settle();
  const at = {
    sdkAppId: world.application.sdkAppId,
    room: { roomId: 1 },
    actor: { type: 'operator', id: 'olga' } as const,
  } as const;
  const deny = (value: number) =>
    world.operator.setDenied({ ...at, users: 'all', mask: recvAudio + recvVideo, value });
  return { world, others, deny };
}

test('a change for many closes everything before it opens anything, and is answered after all is closed', async () => {
  const { world, deny, others } = await audience(100);
  await deny(recvVideo);
  expect(world.plane.consumers.size).toBe(100);
  world.plane.calls.length = 0;
  await deny(recvAudio);
  for (let turn = 0; turn < 500; turn++) await world.settle();
  const calls = world.plane.calls.map((call) => call.split(' ')[0]);
  expect(calls.filter((call) => call === 'closeConsumer')).toHaveLength(100);
  expect(calls.lastIndexOf('closeConsumer')).toBeLessThan(calls.indexOf('openConsumer'));
  expect(calls.lastIndexOf('closeConsumer')).toBeLessThan(calls.indexOf('confirmClosed'));
  for (const { link } of others) {
    expect(link.told('permissionChanged').map(({ after }) => after)).toEqual([
      255 - recvVideo,
      255 - recvAudio,
    ]);
    expect(link.told('consumerOpened').at(-1)).toMatchObject({ slot: 'camera' });
  }
  expect(world.plane.consumers.size).toBe(100);
});

test('a track that ends while it is being opened to many is opened to nobody', async () => {
  const { world, others } = await audience(150);
  const [first] = others;
  if (!first) throw new Error('nobody');
  const trackId = await first.publish('screen');
  await first.seat.unpublish({ trackId });
  world.clock.advance(5000);
  for (let turn = 0; turn < 100; turn++) await world.settle();
  expect(world.mediaFailures).toEqual([]);
  expect(world.plane.consumers.size).toBe(300);
});

test('a consumer that waits to be closed cannot be started', async () => {
  const { world, deny, others } = await audience(400);
  const last = others.at(-1);
  const opened = last?.link.told('consumerOpened').find(({ slot }) => slot === 'camera');
  const answered = deny(recvVideo);
  for (let turn = 0; turn < 10 && world.plane.consumers.size === 800; turn++) await world.settle();
  const { consumerId = '' } = opened ?? {};
  expect(world.plane.consumers.has(consumerId)).toBe(true);
  await expect(last?.seat.consumerReady({ consumerId })).rejects.toMatchObject({ code: 'consumerUnknown' });
  await answered;
  expect(world.plane.consumers.has(consumerId)).toBe(false);
});

test('when the server stops, everybody in a large room is told why before it goes on', async () => {
  const { world, others } = await audience(400);
  await world.home.close();
  for (const { link } of others) {
    expect(link.notices.at(-1)).toEqual({ method: 'removed', params: { reason: 'serverStopping' } });
    expect(link.ended).toBe(true);
  }
});

test('a compromised key removes only its members, and they do not hear of each other', async () => {
  const { world, others } = await audience(300);
  const [first] = world.application.keys;
  if (!first) throw new Error('no key');
  const second = { ...first, keyId: 'second', secret: 'another secret key for tests' };
  world.application = { ...world.application, keys: [second, { ...first, state: 'retired' }] };
  const late = await world.enter('late');
  world.application = { ...world.application, keys: [second, { ...first, state: 'compromised' }] };
  for (let turn = 0; turn < 500; turn++) await world.settle();
  for (const { link } of others) link.notices.length = 0;
  await world.home.applicationChanged(world.application);
  for (let turn = 0; turn < 500; turn++) await world.settle();
  const [room] = world.home.rooms.existing();
  expect([...(room?.roster ?? [])].map(({ userId }) => userId)).toEqual(['late']);
  for (const { link } of others) expect(link.notices.map(({ method }) => method)).toEqual(['removed']);
  expect(late.link.told('memberLeft')).toHaveLength(301);
});

test('who leaves while the keys of many are verified is gone for good', async () => {
  const world = new RoomWorldUnderTest({ permissionControl: 'off', share: shortShare() });
  const change = (permissionControl: 'off' | 'enforce') => {
    world.application = { ...world.application, permissionControl };
    return world.home.applicationChanged(world.application);
  };
  const bob = await world.enter('bob', { bits: null });
  for (let index = 0; index < 30; index++) await world.enter(`user_${index}`, { bits: null });
  await change('enforce');
  // Their time without a key is over: before anybody has to go, the keys that they carry are verified in many turns.
  world.clock.advance(60_000);
  const changed = change('off');
  await bob.seat.exit({});
  await changed;
  for (let turn = 0; turn < 100; turn++) await world.settle();
  const late = await world.enter('late', { bits: null });
  expect(late.result.members.map(({ userId }) => userId)).not.toContain('bob');
});
