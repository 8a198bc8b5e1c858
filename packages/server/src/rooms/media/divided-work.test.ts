import { setImmediate as nextTurn } from 'node:timers/promises';
import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';

const { recvAudio, recvVideo } = Permission;
const SENDERS = 5;
const RECEIVERS = 6;
/** Each of the others receives so many tracks. */
const RECEIVED = 2 * SENDERS;

/** Five send a microphone and a camera, and six receive all of them. One turn of the event loop does so many units of work. */
async function audience(work = 30) {
  const share = new EventLoopShare({ ms: 6, work, notices: 120, many: 100, few: 1 }, () => 0);
  const world = new RoomWorldUnderTest({ share });
  const receivers: TestMember[] = [];
  for (let index = 0; index < SENDERS; index++) {
    const sender = await world.enter(`sender_${index}`);
    await sender.publish('microphone');
    await sender.publish('camera');
  }
  // The receivers' tickets are of another key.
  const [first] = world.application.keys;
  if (!first) throw new Error('no key');
  const second = { ...first, keyId: 'second', secret: 'another secret key for tests' };
  world.application = { ...world.application, keys: [second, { ...first, state: 'retired' }] };
  for (let index = 0; index < RECEIVERS; index++) {
    const receiver = await world.enter(`receiver_${index}`);
    await receiver.open('recv');
    receivers.push(receiver);
  }
  for (let turn = 0; turn < 200; turn++) await world.settle();
  expect(world.plane.consumers.size).toBe(RECEIVERS * RECEIVED);
  return { world, receivers };
}

type Audience = Awaited<ReturnType<typeof audience>>;

const at = ({ world }: Audience) => ({
  sdkAppId: world.application.sdkAppId,
  room: { roomId: 1 },
  actor: { type: 'operator', id: 'olga' } as const,
});

const ways = {
  'a permission is taken from': (all: Audience) =>
    all.world.operator.setDenied({
      ...at(all),
      users: 'all',
      mask: recvAudio + recvVideo,
      value: recvAudio + recvVideo,
    }),
  'the key is compromised of': async ({ world }: Audience) => {
    const [second, ...others] = world.application.keys;
    if (!second) throw new Error('no key');
    world.application = { ...world.application, keys: [{ ...second, state: 'compromised' }, ...others] };
    await world.home.applicationChanged(world.application);
  },
  'the media is lost of': async ({ world }: Audience) => world.plane.losePlace(),
};

test.each(Object.entries(ways))(
  'when %s many, no turn closes more than its work, which counts what each of them receives',
  async (_way, change) => {
    const all = await audience();
    const { plane } = all.world;
    plane.calls.length = 0;
    const closed = () => plane.calls.filter((call) => call.startsWith('closeConsumer')).length;
    const done = change(all);
    const perTurn = [closed()];
    for (let before = closed(), turn = 0; turn < 50; turn++) {
      await all.world.settle();
      perTurn.push(closed() - before);
      before = closed();
    }
    await done;
    expect(perTurn.reduce((sum, count) => sum + count)).toBe(RECEIVERS * RECEIVED);
    // Two members and a third, whose work is 12 each.
    expect(Math.max(...perTurn)).toBe(3 * RECEIVED);
  },
);

test('when pictures are frozen for many at once, a turn makes no more of them anew than its work', async () => {
  const { world } = await audience(10);
  const { plane } = world;
  plane.calls.length = 0;
  const closed = () => plane.calls.filter((call) => call.startsWith('closeConsumer')).length;
  for (const consumerId of [...plane.consumers.keys()]) plane.freeze(consumerId);
  const perTurn: number[] = [];
  for (let before = 0, turn = 0; turn < 100; turn++) {
    await nextTurn();
    perTurn.push(closed() - before);
    before = closed();
  }
  expect(perTurn.reduce((sum, count) => sum + count)).toBe(RECEIVERS * RECEIVED);
  // The turn of the decision, and the one behind it.
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(2 * 10);
  for (let turn = 0; turn < 100; turn++) await world.settle();
  expect(plane.consumers.size).toBe(RECEIVERS * RECEIVED);
});

test('what was taken closes by all means, also when it is given back before it is its turn', async () => {
  const all = await audience();
  const { world, receivers } = all;
  world.plane.calls.length = 0;
  const userIds = receivers.map(({ userId }) => userId);
  const change = (value: number) =>
    world.operator.setDenied({ ...at(all), users: { only: userIds }, mask: recvAudio, value });
  await Promise.all([change(recvAudio), change(0)]);
  for (let turn = 0; turn < 200; turn++) await world.settle();
  const calls = world.plane.calls.map((call) => call.split(' ')[0]);
  expect(calls.filter((call) => call === 'closeConsumer')).toHaveLength(RECEIVERS * SENDERS);
  expect(calls.filter((call) => call === 'openConsumer')).toHaveLength(RECEIVERS * SENDERS);
});

test('what was taken does not begin to flow when it is given back before it is its turn to close, and the record of that waits', async () => {
  const all = await audience();
  const { world, receivers } = all;
  const { plane } = world;
  const userIds = receivers.map(({ userId }) => userId);
  const change = (value: number) =>
    world.operator.setDenied({ ...at(all), users: { only: userIds }, mask: recvAudio, value });
  const keep = world.journal.hold();
  const changes = [change(recvAudio), change(0)];
  const last = receivers.at(-1);
  const mayHear = () => world.lists.member({ ...at(all), userId: last?.userId ?? '' }).member?.explanation;
  for (let version = 0; version < 2; version++)
    for (let look = 0; look < 1000 && (mayHear()?.effective === 255) === (version === 0); look++)
      await Promise.resolve();
  expect(mayHear()?.effective).toBe(255);
  const heard = last?.link.told('consumerOpened').filter(({ slot }) => slot === 'microphone') ?? [];
  const ready = heard.map(({ consumerId }) => last?.seat.consumerReady({ consumerId }));
  expect(heard.filter(({ consumerId }) => plane.consumers.has(consumerId))).toHaveLength(SENDERS);
  const answers = await Promise.allSettled(ready);
  expect(answers.map(({ status }) => status)).toEqual(Array(SENDERS).fill('rejected'));
  keep();
  await Promise.all(changes);
});
