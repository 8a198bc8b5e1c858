import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectReceiving, flows } from './harness/flow.ts';
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
