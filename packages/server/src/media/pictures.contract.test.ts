import { describe, expect, onTestFinished, test } from 'vitest';
import { isKeyFrame } from './picture-sender.fixture.ts';
import { show } from './pictures.fixture.ts';
import { hear, second, start, until } from './plane.fixture.ts';

describe('a first frame', () => {
  test.each([
    ['without layers', undefined],
    ['with layers in time', 'L1T3'],
  ])('of one encoding %s is the key frame that the sender was asked for', async (_, scalabilityMode) => {
    const plane = await start();
    const { picture, watcher } = await show(plane, { ...(scalabilityMode && { scalabilityMode }) });
    const asked = picture.asked.length;
    await plane.resumeConsumer(watcher.consumerId);
    await until(() => watcher.packets.length > 10);
    expect(watcher.packets[0] && isKeyFrame(watcher.packets[0])).toBe(true);
    expect(picture.asked.length - asked).toBe(1);
    expect(watcher.offer.rtpParameters.encodings[0]?.scalabilityMode).toBe(scalabilityMode);
  });

  test('comes also to whoever begins again at once', async () => {
    const plane = await start();
    const { watcher } = await show(plane, { scalabilityMode: 'L1T3' });
    await plane.resumeConsumer(watcher.consumerId);
    await until(() => watcher.packets.length > 0);
    plane.closeConsumer(watcher.consumerId);
    const { transportId } = watcher;
    const { rtpCapabilities } = plane;
    const offer = await plane.openConsumer({
      consumerId: 'again',
      transportId,
      trackId: 'track',
      rtpCapabilities,
    });
    const ssrc = offer.rtpParameters.encodings[0]?.ssrc;
    const asked = performance.now();
    await plane.resumeConsumer('again');
    let first: number | undefined;
    watcher.receiver.onPacket = (packet) => {
      if (packet.readUInt32BE(8) === ssrc) first ??= performance.now() - asked;
    };
    await until(() => first !== undefined);
    expect(first).toBeLessThan(900);
  });
});

describe('key frames', () => {
  test('a sender of two encodings is asked twice a second at most, however many begin to watch which of them', async () => {
    const plane = await start();
    const { picture, watchers } = await show(plane, { encodings: 2, watchers: 40 });
    // Until the engine can align the encodings, there is the lowest alone.
    for (let passed = 0; passed < 4; passed++) await second();
    const from = performance.now();
    const before = picture.asked.length;
    const waits: number[] = [];
    for (const [index, { consumerId, packets }] of watchers.entries()) {
      await until(() => performance.now() - from >= 100 * index);
      if (index % 2 === 0) await plane.setSpatialLayer(consumerId, 0);
      const ready = performance.now();
      await plane.resumeConsumer(consumerId);
      void until(() => packets.length > 0).then(() => waits.push(performance.now() - ready));
    }
    await until(() => waits.length === watchers.length);
    const seconds = (performance.now() - from) / 1000;
    // What both encodings are asked for at the same moment is one for the sender.
    const asked = picture.asked.slice(before).filter((ms, index, all) => ms - (all[index - 1] ?? 0) > 50);
    expect(asked.length).toBeLessThanOrEqual(2 * seconds + 1);
    const [median = 0] = waits.toSorted((one, other) => one - other).slice(waits.length / 2);
    expect(median).toBeLessThan(400);
  });

  test('who begins with another encoding just after somebody else does not wait until the engine asks again', async () => {
    const plane = await start();
    const { watchers } = await show(plane, { encodings: 2, watchers: 2 });
    for (let passed = 0; passed < 4; passed++) await second();
    const [one, other] = watchers;
    if (!one || !other) throw new Error('nobody watches');
    await plane.setSpatialLayer(one.consumerId, 0);
    await plane.resumeConsumer(one.consumerId);
    await until(() => one.packets.length > 0);
    const ready = performance.now();
    await plane.resumeConsumer(other.consumerId);
    await until(() => other.packets.length > 0);
    expect(performance.now() - ready).toBeLessThan(900);
  });

  test('a browser that asks until it has a whole picture is sent three seconds of it at a time', async () => {
    const plane = await start();
    const { watcher } = await show(plane);
    await plane.resumeConsumer(watcher.consumerId);
    await until(() => watcher.packets.length > 20);
    const asking = setInterval(
      () => watcher.receiver.askForKeyFrame(watcher.offer.rtpParameters.mid ?? ''),
      200,
    );
    onTestFinished(() => clearInterval(asking));
    const came: number[] = [];
    const before = watcher.receiver.onPacket;
    watcher.receiver.onPacket = (packet) => {
      before?.(packet);
      came.push(performance.now());
    };
    for (let passed = 0; passed < 12; passed++) await second();
    // It was held in between.
    const gaps = came.flatMap((ms, index) => (ms - (came[index - 1] ?? ms) > 1000 ? index : []));
    expect(gaps.length).toBeGreaterThan(0);
    const [first = 0, next = came.length] = gaps;
    expect((came[next - 1] ?? 0) - (came[first] ?? 0)).toBeGreaterThan(2500);
  });

  test('receivers who ask for them all the time cost the sender and the others little, however many they are', async () => {
    const plane = await start();
    const heard = hear(plane);
    const { picture, watchers } = await show(plane, { watchers: 4 });
    const [good, ...bad] = watchers;
    for (const { consumerId } of watchers) await plane.resumeConsumer(consumerId);
    await until(() => watchers.every(({ packets }) => packets.length > 20));
    const asking = setInterval(() => {
      for (const { receiver, offer } of bad) receiver.askForKeyFrame(offer.rtpParameters.mid ?? '');
    }, 200);
    onTestFinished(() => clearInterval(asking));
    await second();
    await second();
    const before = { asked: picture.asked.length, good: good?.packets.length ?? 0 };
    for (let i = 0; i < 8; i++) await second();
    expect(picture.asked.length - before.asked).toBeLessThanOrEqual(16);
    expect(picture.asked.length - before.asked).toBeGreaterThan(0);
    expect((good?.packets.length ?? 0) - before.good).toBeGreaterThan(150);
    expect(heard.keyFramesExceeded).toEqual([]);
  });
});

describe('a receiver', () => {
  /** Does something again and again for ten seconds; the key frames that the sender is asked for meanwhile. */
  const askedMeanwhile = async (asked: readonly number[], again: (times: number) => Promise<void>) => {
    const before = asked.length;
    const began = performance.now();
    for (let times = 0; performance.now() - began < 10_000; times++) {
      await again(times);
      await new Promise((resolve) => setTimeout(resolve, 350));
    }
    return asked.length - before;
  };

  test('that begins to receive again and again costs the sender less than two key frames a second', async () => {
    const plane = await start();
    const { picture, watchers } = await show(plane, { watchers: 2 });
    const [good, bad] = watchers;
    if (!good || !bad) throw new Error('nobody watches');
    await plane.resumeConsumer(good.consumerId);
    await until(() => good.packets.length > 20);
    const { rtpCapabilities } = plane;
    const { transportId } = bad;
    let { consumerId } = bad;
    const asked = await askedMeanwhile(picture.asked, async (times) => {
      plane.closeConsumer(consumerId);
      consumerId = `again ${times}`;
      await plane.openConsumer({ consumerId, transportId, trackId: 'track', rtpCapabilities });
      await plane.resumeConsumer(consumerId);
    });
    expect(asked).toBeLessThan(20);
  });

  test('that wishes for another encoding again and again costs the sender as little', async () => {
    const plane = await start();
    const { picture, watcher } = await show(plane, { encodings: 2 });
    const { consumerId } = watcher;
    await plane.resumeConsumer(consumerId);
    // Until the engine can align the encodings, there is the lowest alone.
    for (let passed = 0; passed < 4; passed++) await second();
    const asked = await askedMeanwhile(picture.asked, (times) =>
      plane.setSpatialLayer(consumerId, times % 2),
    );
    expect(asked).toBeLessThan(20);
    expect(asked).toBeGreaterThan(2);
  });
});

describe('a picture that is more than the link carries', () => {
  // Nobody tells the engine here how packets arrive: it goes on believing in the 1500 kbit/s that it starts with.
  test('waits, its receiver is told, and it comes back when it fits', async () => {
    const plane = await start();
    const heard = hear(plane);
    const { picture, watcher } = await show(plane, {
      behaviour: { layers: [0], frameMs: 5, frameBytes: 1150 },
    });
    await plane.resumeConsumer(watcher.consumerId);
    await until(() => heard.pictureWaits.length > 0);
    expect(heard.pictureWaits).toEqual([`${watcher.consumerId} waits`]);
    const come = watcher.packets.length;
    picture.become({ frameBytes: 300 });
    await until(() => heard.pictureWaits.at(-1) === `${watcher.consumerId} flows`);
    await until(() => watcher.packets.length > come + 30);
    expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
  });
});

test('a screen that is still for some seconds goes on where it was, without another key frame', async () => {
  const plane = await start();
  const { picture, watcher } = await show(plane, { slot: 'screen', encodings: 2 });
  await plane.resumeConsumer(watcher.consumerId);
  for (let passed = 0; passed < 4; passed++) await second();
  const asked = picture.asked.length;
  const ssrcs = [2000, 2001];
  for (const ssrc of ssrcs) picture.stopped.add(ssrc);
  for (let passed = 0; passed < 3; passed++) await second();
  const come = watcher.packets.length;
  for (const ssrc of ssrcs) picture.stopped.delete(ssrc);
  await until(() => watcher.packets.length > come + 20);
  expect(picture.asked.length).toBe(asked);
});
