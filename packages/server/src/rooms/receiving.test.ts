import { RoomWorldUnderTest, settled, type TestMember } from '@roomkey/testkit';
import { allows, Permission, type Slot, slotNeeds, slots } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const received = (member: TestMember): Slot[] => member.link.told('consumerOpened').map(({ slot }) => slot);

async function roomWithAllSlots() {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana');
  for (const slot of slots) await ana.publish(slot);
  return { world, ana };
}

describe('receiving', () => {
  test('for every byte, exactly the slots whose bits are held are received', async () => {
    const { world } = await roomWithAllSlots();
    for (let bits = 2; bits < 256; bits++) {
      if (!allows(bits, Permission.enterRoom)) continue;
      const bob = await world.enter('bob', { bits });
      await bob.open('recv');
      await world.settle();
      expect(received(bob)).toEqual(slots.filter((slot) => allows(bits, slotNeeds('recv', slot))));
      expect(world.plane.consumers.size).toBe(received(bob).length);
    }
  });

  test.each([
    ['microphone', Permission.recvAudio, 'recvAudioDenied'],
    ['camera', Permission.recvVideo, 'recvVideoDenied'],
    ['screen', Permission.recvSub, 'recvSubDenied'],
    ['screenAudio', Permission.recvAudio, 'recvAudioDenied'],
    ['screenAudio', Permission.recvSub, 'recvSubDenied'],
  ] as const)('asking for %s without bit %i is refused as %s', async (slot, bit, cause) => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { bits: 255 - bit, autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    await expect(bob.seat.subscribe({ userId: 'ana', slot })).rejects.toMatchObject({ code: cause });
    await world.settle();
    expect(world.plane.consumers.size).toBe(0);
  });

  test('a consumer opens paused and flows when the client says it is ready', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob');
    await bob.open('recv');
    await world.settle();
    const [offer] = bob.link.told('consumerOpened');
    expect([...world.plane.consumers.values()].every(({ paused }) => paused)).toBe(true);
    await bob.seat.consumerReady({ consumerId: offer?.consumerId ?? '' });
    expect(world.plane.consumers.get(offer?.consumerId ?? '')?.paused).toBe(false);
  });

  test('who asks for too many key frames receives the track no more, is told why, and may ask again later', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.publish('camera');
    const bob = await world.enter('bob');
    const eve = await world.enter('eve');
    for (const member of [bob, eve]) await member.open('recv');
    await world.settle();
    const consumerId = eve.link.told('consumerOpened')[0]?.consumerId ?? '';
    world.plane.exceedKeyFrames(consumerId);
    world.plane.exceedKeyFrames(consumerId);
    await world.settle();
    expect(eve.link.told('consumerClosed')).toEqual([
      {
        consumerId,
        userId: 'ana',
        slot: 'camera',
        cause: 'keyFramesExceeded',
        message: expect.stringContaining('key frames'),
      },
    ]);
    expect(bob.link.told('consumerClosed')).toEqual([]);
    expect(world.plane.consumers.size).toBe(1);
    const again = { userId: 'ana', slot: 'camera' } as const;
    await expect(eve.seat.subscribe(again)).rejects.toMatchObject({ code: 'keyFramesExceeded' });
    await eve.seat.unsubscribe(again);
    await expect(eve.seat.subscribe(again)).rejects.toMatchObject({ code: 'keyFramesExceeded' });
    world.clock.advance(10_000);
    await eve.seat.subscribe(again);
    await world.settle();
    expect(world.plane.consumers.size).toBe(2);
  });

  test('whether a user watches unseen or is not there at all, subscribe and unsubscribe answer the same', async () => {
    const world = new RoomWorldUnderTest();
    const eve = await world.enter('eve', { scene: 'live', role: 'audience' });
    await world.enter('watcher', { scene: 'live', role: 'audience' });
    const answers = async (userId: string) =>
      Promise.all(
        slots.flatMap((slot) =>
          [eve.seat.subscribe({ userId, slot }), eve.seat.unsubscribe({ userId, slot })].map((asked) =>
            asked.then(
              () => 'ok',
              (error: Error) => `${(error as { code?: string }).code} ${error.message}`,
            ),
          ),
        ),
      );
    expect(await answers('watcher')).toEqual(await answers('nobody'));
    expect(new Set(await answers('watcher'))).toEqual(new Set([expect.stringContaining('memberUnknown')]));
  });

  test.each(['receiver', 'sender'])(
    'who asked for too many key frames does not receive the track when the %s enters again',
    async (who) => {
      const world = new RoomWorldUnderTest();
      const publishing = async () => {
        const ana = await world.enter('ana');
        await ana.publish('camera');
        return ana;
      };
      const receiving = async () => {
        const eve = await world.enter('eve');
        await eve.open('recv');
        await world.settle();
        return eve;
      };
      let ana = await publishing();
      let eve = await receiving();
      world.plane.exceedKeyFrames(eve.link.told('consumerOpened')[0]?.consumerId ?? '');
      await world.settle();
      if (who === 'receiver') {
        await eve.seat.exit({});
        eve = await receiving();
      } else {
        await ana.seat.exit({});
        ana = await publishing();
        await world.settle();
      }
      expect(world.plane.consumers.size).toBe(0);
      const again = { userId: 'ana', slot: 'camera' } as const;
      await expect(eve.seat.subscribe(again)).rejects.toMatchObject({ code: 'keyFramesExceeded' });
      world.clock.advance(10_000);
      await eve.seat.subscribe(again);
      await world.settle();
      expect(world.plane.consumers.size).toBe(1);
    },
  );

  test('what a replaced transport received closes before the new one opens and anything opens on it', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { autoReceive: { audio: true, video: true } });
    await bob.open('recv');
    await world.settle();
    const told = () =>
      bob.link.notices.map(({ method }) => method).filter((method) => method.startsWith('consumer'));
    expect(told()).toEqual(slots.map(() => 'consumerOpened'));
    bob.link.notices.length = 0;
    const release = world.plane.hold();
    const opening = bob.open('recv');
    await settled();
    expect(told()).toEqual(slots.map(() => 'consumerClosed'));
    await release();
    const transportId = await opening;
    await world.settle();
    expect(told()).toEqual([...slots.map(() => 'consumerClosed'), ...slots.map(() => 'consumerOpened')]);
    expect(new Set(bob.link.told('consumerOpened').map((offer) => offer.transportId))).toEqual(
      new Set([transportId]),
    );
  });

  test('a transport that is replaced while it is being opened is refused', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob');
    const release = world.plane.hold();
    const first = expect(bob.open('recv')).rejects.toMatchObject({ code: 'mediaUnavailable' });
    await settled();
    const second = bob.open('recv');
    await settled();
    await release();
    await first;
    await expect(second).resolves.toBeTypeOf('string');
  });

  test("another member's consumer cannot be started", async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob');
    const eve = await world.enter('eve');
    await bob.open('recv');
    await world.settle();
    const consumerId = bob.link.told('consumerOpened')[0]?.consumerId ?? '';
    await expect(eve.seat.consumerReady({ consumerId })).rejects.toMatchObject({ code: 'consumerUnknown' });
    expect(world.plane.consumers.get(consumerId)?.paused).toBe(true);
  });

  test('without rtpCapabilities nothing is sent, and asking says why', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { rtpCapabilities: undefined });
    await bob.open('recv');
    await expect(bob.seat.subscribe({ userId: 'ana', slot: 'camera' })).rejects.toMatchObject({
      code: 'rtpCapabilitiesMissing',
    });
    expect(world.plane.consumers.size).toBe(0);
  });

  test('a member can subscribe before the track is published', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob', { autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    await bob.seat.subscribe({ userId: 'ana', slot: 'camera' });
    await ana.publish('camera');
    await ana.publish('microphone');
    await world.settle();
    expect(received(bob)).toEqual(['camera']);
  });

  test('unsubscribing closes the consumer, also under autoReceive', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob');
    await bob.open('recv');
    await world.settle();
    await bob.seat.unsubscribe({ userId: 'ana', slot: 'camera' });
    expect(bob.link.told('consumerClosed')).toMatchObject([{ userId: 'ana', slot: 'camera' }]);
    expect([...world.plane.consumers]).toHaveLength(3);
    await bob.seat.subscribe({ userId: 'ana', slot: 'camera', spatialLayer: 0 });
    await world.settle();
    expect([...world.plane.consumers.values()].map(({ spatialLayer }) => spatialLayer)).toContain(0);
  });

  test('a limit on the layer is lifted by a wish without one', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    await bob.seat.subscribe({ userId: 'ana', slot: 'camera', spatialLayer: 0 });
    await world.settle();
    await bob.seat.subscribe({ userId: 'ana', slot: 'camera' });
    expect([...world.plane.consumers.values()].map(({ spatialLayer }) => spatialLayer)).toEqual([2]);
  });

  test('wishes for somebody who is not there, or for oneself, are refused', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob');
    for (const userId of ['nobody', 'bob']) {
      await expect(bob.seat.subscribe({ userId, slot: 'camera' })).rejects.toMatchObject({
        code: 'memberUnknown',
      });
    }
    await expect(bob.seat.unsubscribe({ userId: 'nobody', slot: 'camera' })).rejects.toMatchObject({
      code: 'memberUnknown',
    });
  });

  test('a member of another room is out of reach', async () => {
    const { world } = await roomWithAllSlots();
    const eve = await world.enter('eve', { roomId: 2 });
    await eve.open('recv');
    await expect(eve.seat.subscribe({ userId: 'ana', slot: 'camera' })).rejects.toMatchObject({
      code: 'memberUnknown',
    });
    await world.settle();
    expect(world.plane.consumers.size).toBe(0);
  });

  test('a wish taken back while its consumer opens leaves no consumer, and the client never hears of it', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    const release = world.plane.hold();
    await bob.seat.subscribe({ userId: 'ana', slot: 'camera' });
    await bob.seat.unsubscribe({ userId: 'ana', slot: 'camera' });
    await release();
    expect(world.plane.consumers.size).toBe(0);
    expect(bob.link.notices).toEqual([]);
  });

  test('a track that ends, or a permission that is taken, behind five hundred pending openings is closed at once', async () => {
    const world = new RoomWorldUnderTest({ maxMembersPerRoom: 1000 });
    const bob = await world.enter('bob', { autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    const publishers: TestMember[] = [];
    for (let i = 0; i < 502; i++) {
      const publisher = await world.enter(`p${i}`, { rtpCapabilities: undefined });
      await publisher.publish('microphone');
      publishers.push(publisher);
    }
    for (const userId of ['p0', 'p1']) await bob.seat.subscribe({ userId, slot: 'microphone' });
    // Everybody is told of everybody else, over many turns.
    for (let i = 0; i < 2000 && received(bob).length < 2; i++) await settled();
    expect(received(bob)).toHaveLength(2);
    const release = world.plane.hold();
    for (let i = 2; i < 502; i++) await bob.seat.subscribe({ userId: `p${i}`, slot: 'microphone' });
    const left = publishers[0]?.seat.exit({});
    await settled();
    expect(world.plane.consumers.size).toBe(1);
    const told = async (times: number) => {
      for (let i = 0; i < 2000 && bob.link.told('consumerClosed').length < times; i++) await settled();
      expect(bob.link.told('consumerClosed')).toHaveLength(times);
    };
    await told(1);

    const at = {
      sdkAppId: world.application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
    };
    const denied = { ...at, users: { only: ['bob'] }, mask: Permission.recvAudio };
    const taken = world.operator.setDenied({ ...denied, value: Permission.recvAudio });
    await settled();
    expect(world.plane.consumers.size).toBe(0);
    await told(2);
    await release();
    await Promise.all([left, taken]);
    await settled();
    expect([world.plane.consumers.size, bob.link.told('consumerOpened').length]).toEqual([0, 2]);
    // The wishes are kept: all of it comes back by itself.
    await world.operator.setDenied({ ...denied, value: 0 });
    for (let i = 0; i < 500 && world.plane.consumers.size < 501; i++) await settled();
    expect(world.plane.consumers.size).toBe(501);
    world.operator.close();
  });

  test('a new track makes one consumer, and none anew of what is received already', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob');
    await bob.open('recv');
    const eve = await world.enter('eve');
    const number = (id: string) => Number(id.replace('id-', ''));
    const trackId = number(await eve.publish('microphone'));
    await world.settle();
    const after = number((await world.enter('dan')).result.memberId);
    // Beside that of the track: its opening's, bob's consumer's, and dan's own.
    expect(after - trackId).toBe(3);
  });

  test('a consumer that the plane could not open is tried again', async () => {
    const { world } = await roomWithAllSlots();
    const bob = await world.enter('bob', { autoReceive: { audio: false, video: false } });
    await bob.open('recv');
    const again = world.plane.hold();
    for (const slot of ['microphone', 'screenAudio'] as const)
      await bob.seat.subscribe({ userId: 'ana', slot });
    const kept = new Map(world.plane.tracks);
    world.plane.tracks.clear();
    await again();
    expect(received(bob)).toEqual([]);
    for (const [id, track] of kept) world.plane.tracks.set(id, track);
    world.clock.advance(1000);
    await settled();
    expect(received(bob)).toEqual(['microphone', 'screenAudio']);
  });
});
