import { describe, expect, test } from 'vitest';
import { call, flowing } from './seats/resume.fixture.ts';

/** As `call`, with the consumer of bob for ana's camera. */
async function watching() {
  const stage = await call();
  const offer = stage.bob.link.told('consumerOpened').find(({ slot }) => slot === 'camera');
  if (!offer) throw new Error('there is no picture');
  stage.bob.link.notices.length = 0;
  return { ...stage, offer, consumerId: offer.consumerId };
}

describe('a picture that waits for a wider link', () => {
  test('is told to its receiver alone, each change once', async () => {
    const { world, ana, bob, consumerId } = await watching();
    for (const waits of [true, true, false, false]) world.plane.wait(consumerId, waits);
    await world.settle();
    const of = { consumerId, userId: 'ana', slot: 'camera' };
    expect(bob.link.told('consumerWaiting')).toEqual([
      { ...of, waiting: true },
      { ...of, waiting: false },
    ]);
    expect(ana.link.told('consumerWaiting')).toEqual([]);
  });

  test('is said to wait after a resume, until it flows', async () => {
    const { world, bob, consumerId } = await watching();
    bob.seat.dropped('lost');
    world.plane.wait(consumerId, true);
    await world.settle();
    const { result } = await world.resume(bob);
    const waiting = expect.objectContaining({ consumerId, waiting: true });
    expect(result).toMatchObject({ consumers: expect.arrayContaining([waiting]) });
  });
});

describe('a frozen picture', () => {
  test('is closed without a cause and opened again; it flows when its receiver is ready', async () => {
    const { world, bob, consumerId } = await watching();
    world.plane.freeze(consumerId);
    world.plane.freeze(consumerId);
    await world.settle();
    expect(bob.link.told('consumerClosed')).toEqual([{ consumerId, userId: 'ana', slot: 'camera' }]);
    const [again, ...more] = bob.link.told('consumerOpened');
    expect(more).toEqual([]);
    expect(again).toMatchObject({ userId: 'ana', slot: 'camera' });
    expect(again?.consumerId).not.toBe(consumerId);
    expect(flowing(world, bob)).toEqual(['microphone']);
    await bob.seat.consumerReady({ consumerId: again?.consumerId ?? '' });
    expect(flowing(world, bob)).toEqual(['camera', 'microphone']);
  });
});
