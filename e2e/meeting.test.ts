import { Permission } from '@roomkey/tickets/permissions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectReceiving, flows } from './harness/flow.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

test('two tabs exchange audio and video', async () => {
  const [ana, bob] = await Promise.all([stage.member('ana'), stage.member('bob')]);
  for (const member of [ana, bob]) {
    await member.run(async (trtc) => {
      await trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } });
      await trtc.startLocalVideo();
    });
  }
  for (const [member, other] of [
    [ana, 'bob'],
    [bob, 'ana'],
  ] as const) {
    await expect
      .poll(() => member.heard('remote-video-available'))
      .toEqual([{ userId: other, streamType: 'main' }]);
    await member.run(
      (trtc, userId) => trtc.startRemoteVideo({ userId, streamType: 'main' as never, view: document.body }),
      other,
    );
  }
  await expectReceiving(ana.page, { audio: 1, video: 1 });
  await expectReceiving(bob.page, { audio: 1, video: 1 });

  await bob.run((trtc) => trtc.exitRoom());
  await expect.poll(() => ana.heard('remote-user-exit')).toMatchObject([{ userId: 'bob' }]);
});

test('room 123 and room "123" are two rooms', async () => {
  const [ana, bob] = await Promise.all([
    stage.member('ana', { roomId: 123 }),
    stage.member('bob', { strRoomId: '123' }),
  ]);
  await ana.run((trtc) => trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } }));
  await expect
    .poll(
      async () => (await flows(ana.page, 1000)).filter(({ packetsInWindow }) => packetsInWindow > 20).length,
    )
    .toBe(1);
  expect(await bob.heard('remote-user-enter')).toEqual([]);
  expect(await flows(bob.page, 1000)).toEqual([]);
});

test('a shared screen comes with its sound, apart from camera and microphone', async () => {
  const [ana, bob] = await Promise.all([
    stage.member('ana', { roomId: 2 }),
    stage.member('bob', { roomId: 2 }),
  ]);
  await ana.run((trtc) =>
    trtc.startScreenShare({
      option: {
        profile: '720p_2',
        videoTrack: window.kit.picture(1280, 720),
        audioTrack: window.kit.tone(),
      },
    }),
  );
  await expect
    .poll(() => bob.heard('remote-video-available'))
    .toEqual([{ userId: 'ana', streamType: 'sub' }]);
  await expect.poll(() => bob.heard('remote-audio-available')).toEqual([{ userId: 'ana' }]);
  await bob.run((trtc) =>
    trtc.startRemoteVideo({ userId: 'ana', streamType: 'sub' as never, view: document.body }),
  );
  await expectReceiving(bob.page, { audio: 1, video: 1 });

  await ana.run((trtc) => trtc.stopScreenShare());
  await expect
    .poll(() => bob.heard('remote-video-unavailable'))
    .toEqual([{ userId: 'ana', streamType: 'sub' }]);
});

test('a shared screen with sound that was refused twice leaves the member free to speak and to show a camera', async () => {
  const [ana, bob] = await Promise.all([
    stage.member('ana', { roomId: 3, bits: 255 - Permission.sendSub }),
    stage.member('bob', { roomId: 3 }),
  ]);
  const causes = await ana.run(async (trtc) => {
    const refused: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const option = { videoTrack: window.kit.picture(1280, 720), audioTrack: window.kit.tone() };
      await trtc.startScreenShare({ option }).catch(({ cause }) => void refused.push(cause));
      await trtc.stopScreenShare();
    }
    await trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } });
    await trtc.startLocalVideo();
    return refused;
  });
  expect(causes).toEqual(['sendSubDenied', 'sendSubDenied']);
  await expect
    .poll(() => bob.heard('remote-video-available'), { timeout: 20_000 })
    .toEqual([{ userId: 'ana', streamType: 'main' }]);
  await bob.run((trtc) =>
    trtc.startRemoteVideo({ userId: 'ana', streamType: 'main' as never, view: document.body }),
  );
  await expectReceiving(bob.page, { audio: 1, video: 1 });
});
