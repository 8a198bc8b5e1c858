import { RoomWorldUnderTest } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { EventLoopShare } from '../event-loop-share.ts';

test('a transport that replaces one is a change, and the first of each direction is none', async () => {
  const world = new RoomWorldUnderTest({ changesPerSecond: 1 });
  const ana = await world.enter('ana');
  await ana.publish('camera');
  const bob = await world.enter('bob');
  for (const direction of ['send', 'recv'] as const) await bob.open(direction);
  for (let burst = 0; burst < 4; burst++) await bob.open('recv');
  await world.settle();
  const [consumer] = world.plane.consumers.keys();
  await expect(bob.open('recv')).rejects.toMatchObject({ code: 'tooManyChanges' });
  await expect(bob.open('send')).rejects.toMatchObject({ code: 'tooManyChanges' });
  await world.settle();
  expect([...world.plane.consumers.keys()]).toEqual([consumer]);
  await bob.seat.consumerReady({ consumerId: consumer ?? '' });
  world.clock.advance(1000);
  await bob.open('recv');
});

test('whoever lost its transports opens others without a change', async () => {
  const world = new RoomWorldUnderTest({ changesPerSecond: 1 });
  const bob = await world.enter('bob');
  for (let times = 0; times < 6; times++) {
    for (const direction of ['send', 'recv'] as const) await bob.open(direction);
    world.plane.loseTransport(bob.transports.recv ?? '');
    await world.settle();
  }
});

/** Bob receives so many microphones and cameras, in a server whose turns do 30 units of work. */
async function receiving(senders: number) {
  const share = new EventLoopShare({ ms: 6, work: 30, notices: 120, many: 100, few: 1 }, () => 0);
  const world = new RoomWorldUnderTest({ share });
  for (let index = 0; index < senders; index++) {
    const sender = await world.enter(`sender_${index}`);
    await sender.publish('microphone');
    await sender.publish('camera');
  }
  const bob = await world.enter('bob');
  await bob.open('recv');
  for (let turn = 0; turn < 200; turn++) await world.settle();
  expect(world.plane.consumers.size).toBe(2 * senders);
  return { world, bob };
}

test('what was received over a transport that is replaced closes in parts, all of it before the answer', async () => {
  const { world, bob } = await receiving(50);
  const closed = () => bob.link.told('consumerClosed').length;
  let answeredAt: number | undefined;
  const answer = bob.open('recv').then(() => {
    answeredAt = closed();
  });
  const perTurn: number[] = [];
  for (let before = 0, turn = 0; turn < 200; turn++) {
    await world.settle();
    perTurn.push(closed() - before);
    before = closed();
  }
  await answer;
  expect(answeredAt).toBe(100);
  // A look sees two turns at the most.
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(60);
  const names = bob.link.notices.map(({ method }) => method);
  const anew = names.lastIndexOf('consumerClosed');
  expect(names.slice(anew).filter((name) => name === 'consumerOpened')).toHaveLength(100);
  expect(world.plane.consumers.size).toBe(100);
});

test('a consumer of a transport that was replaced can be neither started nor resumed while it waits to be closed', async () => {
  const { world, bob } = await receiving(50);
  const opened = bob.link.told('consumerOpened').map(({ consumerId }) => consumerId);
  const answer = bob.open('recv');
  await world.settle();
  const closed = bob.link.told('consumerClosed').map(({ consumerId }) => consumerId);
  const waiting = opened.find((consumerId) => !closed.includes(consumerId)) ?? '';
  await expect(bob.seat.consumerReady({ consumerId: waiting })).rejects.toMatchObject({
    code: 'consumerUnknown',
  });
  const back = await world.resume(bob);
  expect((back.result as { consumers: unknown[] }).consumers).toEqual([]);
  await answer;
});

test('a track that goes while its receivers change their transports is received by nobody', async () => {
  const { world, bob } = await receiving(50);
  const answer = bob.open('recv');
  await world.settle();
  await world.operator.kick({
    sdkAppId: world.application.sdkAppId,
    room: { roomId: 1 },
    actor: { type: 'operator', id: 'olga' },
    userIds: Array.from({ length: 50 }, (_, index) => `sender_${index}`),
  });
  await answer;
  for (let turn = 0; turn < 200; turn++) await world.settle();
  expect(world.plane.consumers.size).toBe(0);
});
