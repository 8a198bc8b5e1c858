import { TcpRelay } from '@roomkey/testkit/launch';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { expectReceiving } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});

afterEach(() => stage.clear());
afterAll(() => stage.close());

/** Two members, each sending a sound and a picture and receiving the other's; `prepare` is for bob's page. */
async function call(roomId: number, prepare?: (page: Page) => Promise<void>): Promise<SdkMember[]> {
  const members = await Promise.all([
    stage.member('ana', { roomId }),
    stage.member('bob', { roomId }, prepare),
  ]);
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

/** A page whose WebSockets go to another port. */
const socketsTo = (port: number) => async (page: Page) => {
  await page.addInitScript((other) => {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      constructor(url: string | URL) {
        super(Object.assign(new URL(url), { host: `127.0.0.1:${other}` }));
      }
    };
  }, port);
};

/** Decoded frames of each incoming picture, by SSRC. */
async function decoded({ page }: SdkMember): Promise<Map<number, number>> {
  const streams = await page.evaluate(() => window.kit.streams());
  const pictures = streams.filter(({ direction, kind }) => direction === 'in' && kind === 'video');
  return new Map(pictures.map(({ ssrc, frames }) => [ssrc, frames]));
}

/** Holds that in every two seconds of `ms` each member decodes frames of the one picture that it had at the start. */
async function expectNoGap(members: readonly SdkMember[], ms: number): Promise<void> {
  let before = await Promise.all(members.map(decoded));
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const now = await Promise.all(members.map(decoded));
    now.forEach((pictures, index) => {
      expect([...pictures.keys()]).toEqual([...(before[index]?.keys() ?? [])]);
      for (const [ssrc, frames] of pictures)
        expect(frames - (before[index]?.get(ssrc) ?? 0), `${members[index]?.userId}`).toBeGreaterThan(0);
    });
    before = now;
  }
}

test('a WebSocket that breaks is taken up again: no frame is missing, nobody enters again, and the call goes on', async () => {
  const relay = await TcpRelay.start(Number(new URL(stage.server.url).port));
  onTestFinished(() => relay.kill());
  const [ana, bob] = await call(24, socketsTo(relay.port));
  if (!ana || !bob) throw new Error('nobody');
  const lines = (message: string) => stage.server.output.split(`"msg":"${message}"`).length - 1;
  const before = [lines('member entered'), lines('member resumed')];
  const flowing = expectNoGap([ana, bob], 8000);
  await relay.kill();
  await expect.poll(async () => (await bob.heard('connection-state-changed')).length).toBeGreaterThan(3);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await relay.again();
  await flowing;
  await expect
    .poll(async () => (await bob.heard('connection-state-changed')).at(-1), { timeout: 20_000 })
    .toMatchObject({ state: 'CONNECTED' });
  await expectNoGap([ana, bob], 4000);
  const [entered = 0, resumed = 0] = before;
  expect([lines('member entered') - entered, lines('member resumed') - resumed]).toEqual([0, 1]);
  expect(await ana.heard('remote-user-exit')).toEqual([]);
  expect(await bob.page.evaluate(() => window.kit.openConnections())).toBe(2);

  await bob.run((trtc) => trtc.stopLocalAudio());
  await expectReceiving(ana.page, { video: 1 });
  await bob.run((trtc) => trtc.startLocalAudio({ option: { audioTrack: window.kit.tone() } }));
  await expectReceiving(ana.page, { audio: 1, video: 1 });
  await bob.run((trtc) => trtc.stopRemoteVideo({ userId: 'ana', streamType: 'main' as never }));
  await expectReceiving(bob.page, { audio: 1 });
  await bob.run((trtc) =>
    trtc.startRemoteVideo({ userId: 'ana', streamType: 'main' as never, view: document.body }),
  );
  await expectReceiving(bob.page, { audio: 1, video: 1 });
  await bob.run((trtc) => trtc.exitRoom());
  await expect.poll(() => ana.heard('remote-user-exit')).toMatchObject([{ userId: 'bob', reason: 0 }]);
});
