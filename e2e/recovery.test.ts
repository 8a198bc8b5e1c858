import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectReceiving } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterAll(() => stage.close());

/** Two members, each sending a sound and a picture and receiving the other's. */
async function call(roomId: number): Promise<SdkMember[]> {
  const members = await Promise.all([stage.member('ana', { roomId }), stage.member('bob', { roomId })]);
  for (const member of members) {
    await member.run((trtc) => {
      trtc.on('remote-video-available', ({ userId }) => {
        void trtc
          .startRemoteVideo({ userId, streamType: 'main' as never, view: document.body })
          .catch(() => {});
      });
    });
  }
  for (const member of members) {
    await member.run(async (trtc) => {
      await trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } });
      await trtc.startLocalVideo({ option: { profile: '360p', videoTrack: window.kit.picture() } });
    });
  }
  for (const member of members) await expectReceiving(member.page, { audio: 1, video: 1 });
  return members;
}

test('media goes on after ICE was restarted while publishing', async () => {
  const [ana, bob] = await call(21);
  const fragments = (member: SdkMember | undefined) =>
    member?.page.evaluate(() => window.kit.remoteIceFragments()) ?? Promise.resolve([]);
  const before = await fragments(ana);
  await ana?.run((trtc) => trtc.restartIce());
  await expect
    .poll(async () => (await fragments(ana)).some((fragment) => before.includes(fragment)))
    .toBe(false);
  for (const member of [ana, bob]) if (member) await expectReceiving(member.page, { audio: 1, video: 1 });
});

test('after a media worker was killed both members are back, with the tracks they had', async () => {
  const members = await call(22);
  for (const pid of await stage.server.workerPids()) process.kill(pid, 'SIGKILL');
  for (const member of members) await expectReceiving(member.page, { audio: 1, video: 1 });
  expect(await members[0]?.heard('remote-user-exit')).toEqual([]);
});

test('after the server was restarted both members are back', async () => {
  const members = await call(23);
  expect(await stage.server.stop()).toBe(0);
  await stage.server.start();
  for (const member of members) {
    await expectReceiving(member.page, { audio: 1, video: 1 });
  }
});
