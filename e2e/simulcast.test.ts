import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectReceiving, flows } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

test.each([
  ['VP8', 31],
  ['H264', 32],
] as const)(
  'a camera in %s is sent in several sizes, and a watcher gets the one it asks for',
  async (codec, roomId) => {
    const [ana, bob] = await Promise.all([stage.member('ana', { roomId }), stage.member('bob', { roomId })]);
    await ana.run(
      (trtc, wanted) =>
        trtc.startLocalVideo({
          option: { codec: wanted, profile: '720p', videoTrack: window.kit.picture(1280, 720) },
        }),
      codec,
    );
    await expect.poll(() => bob.heard('remote-video-available')).toHaveLength(1);
    await bob.run((trtc) =>
      trtc.startRemoteVideo({ userId: 'ana', streamType: 'main' as never, option: { small: true } }),
    );
    await expectReceiving(bob.page, { video: 1 });
    const width = async () => {
      const [stream] = (await flows(bob.page, 500)).filter(({ direction }) => direction === 'in');
      return stream?.frameWidth ?? 0;
    };
    await expect.poll(width, { timeout: 20_000 }).toBeGreaterThan(0);
    const small = await width();

    await bob.run((trtc) =>
      trtc.updateRemoteVideo({ userId: 'ana', streamType: 'main' as never, option: { small: false } }),
    );
    await expect.poll(width, { timeout: 30_000 }).toBeGreaterThan(small);

    const sent = (await flows(ana.page, 1000)).filter(
      (stream) => stream.direction === 'out' && stream.kind === 'video',
    );
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(new Set(sent.map((stream) => stream.codec))).toEqual(new Set([`video/${codec}`]));
    await Promise.all([ana.page.close(), bob.page.close()]);
  },
);

const incomingWidth = async ({ page }: SdkMember): Promise<number> =>
  (await flows(page, 500)).find(({ direction, kind }) => direction === 'in' && kind === 'video')
    ?.frameWidth ?? 0;

/** The width of each picture that a page sends, smallest first. */
const sentWidths = async ({ page }: SdkMember): Promise<number[]> =>
  (await flows(page, 1000))
    .filter(
      ({ direction, kind, packetsInWindow }) => direction === 'out' && kind === 'video' && packetsInWindow,
    )
    .map(({ frameWidth }) => frameWidth)
    .sort((a, b) => a - b);

const watch = async (bob: SdkMember, streamType: 'main' | 'sub', small: boolean): Promise<void> => {
  await expect.poll(() => bob.heard('remote-video-available')).toHaveLength(1);
  await bob.run(
    (trtc, wanted) =>
      trtc.startRemoteVideo({
        userId: 'ana',
        streamType: wanted.streamType as never,
        option: { small: wanted.small },
      }),
    { streamType, small },
  );
};

test.each([
  ['VP8', 33],
  ['H264', 34],
  ['VP9', 35],
] as const)('the default camera in %s is received in its full size', async (codec, roomId) => {
  const [ana, bob] = await Promise.all([stage.member('ana', { roomId }), stage.member('bob', { roomId })]);
  await ana.run(
    (trtc, wanted) =>
      trtc.startLocalVideo({ option: { codec: wanted, videoTrack: window.kit.picture(640, 480) } }),
    codec,
  );
  await watch(bob, 'main', false);
  await expect.poll(() => incomingWidth(bob), { timeout: 20_000 }).toBe(640);
  await Promise.all([ana.page.close(), bob.page.close()]);
});

test('another camera and profile are sent in the sizes that belong to them', async () => {
  const roomId = 36;
  const [ana, bob] = await Promise.all([stage.member('ana', { roomId }), stage.member('bob', { roomId })]);
  await ana.run((trtc) =>
    trtc.startLocalVideo({ option: { profile: '240p', videoTrack: window.kit.picture(320, 240) } }),
  );
  await watch(bob, 'main', false);
  await expect.poll(() => incomingWidth(bob), { timeout: 20_000 }).toBe(320);
  expect(await sentWidths(ana)).toEqual([320]);
  await ana.run((trtc) =>
    trtc.updateLocalVideo({ option: { profile: '720p', videoTrack: window.kit.picture(1280, 720) } }),
  );
  await expect.poll(() => sentWidths(ana), { timeout: 30_000 }).toEqual([320, 640, 1280]);
  await expect.poll(() => incomingWidth(bob), { timeout: 30_000 }).toBe(1280);
  await ana.run((trtc) =>
    trtc.updateLocalVideo({ option: { profile: '480p', videoTrack: window.kit.picture(640, 480) } }),
  );
  await expect.poll(() => sentWidths(ana), { timeout: 30_000 }).toEqual([320, 640]);
  await expect.poll(() => incomingWidth(bob), { timeout: 30_000 }).toBe(640);
  await Promise.all([ana.page.close(), bob.page.close()]);
});

test('a shared screen is sent twice, and a watcher gets the slower and smaller one when it asks for it', async () => {
  const roomId = 37;
  const [ana, bob] = await Promise.all([stage.member('ana', { roomId }), stage.member('bob', { roomId })]);
  await ana.run((trtc) =>
    trtc.startScreenShare({ option: { profile: '720p', videoTrack: window.kit.picture(1280, 720) } }),
  );
  await watch(bob, 'sub', true);
  await expect.poll(() => incomingWidth(bob), { timeout: 20_000 }).toBe(960);
  await expect.poll(() => sentWidths(ana), { timeout: 20_000 }).toEqual([960, 1280]);
  const [slow] = (await flows(bob.page, 4000)).filter(({ direction }) => direction === 'in');
  expect(slow?.framesInWindow).toBeLessThanOrEqual(10);
  await bob.run((trtc) =>
    trtc.updateRemoteVideo({ userId: 'ana', streamType: 'sub' as never, option: { small: false } }),
  );
  const frames = async () =>
    (await flows(bob.page, 4000)).find(({ direction }) => direction === 'in')?.framesInWindow ?? 0;
  await expect.poll(frames, { timeout: 40_000 }).toBeGreaterThan(12);
  expect(await incomingWidth(bob)).toBe(1280);
  await Promise.all([ana.page.close(), bob.page.close()]);
});
