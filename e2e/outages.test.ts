import { type Link, Network } from '@roomkey/testkit/network';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectReceiving } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage } from './harness/stage.ts';

let network: Network;
let link: Link;
let stage: Stage;

beforeAll(async () => {
  network = await Network.open();
  link = await network.link();
  const { address, ports } = network.server;
  const trusted = `http://${address}:${ports.http}`;
  stage = await Stage.open({ network, command: link.namespace.command, trusted });
});

afterEach(async () => {
  link.set({});
  await stage.clear();
});

afterAll(async () => {
  await stage.close();
  network.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const lines = (message: string) => stage.server.output.split(`"msg":"${message}"`).length - 1;

/** Two members behind the one link, each with a sound and a picture, who receive each other. */
async function call(roomId: number): Promise<SdkMember[]> {
  const members = [await stage.member('ana', { roomId }), await stage.member('bob', { roomId })];
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

/** Holds that nobody has left or entered again since there were `entered` lines of entries, and that media goes both ways. */
async function expectSameStay(members: readonly SdkMember[], entered: number): Promise<void> {
  for (const member of members) {
    await expectReceiving(member.page, { audio: 1, video: 1 });
    expect(await member.heard('error')).toEqual([]);
    expect(await member.heard('remote-user-exit')).toEqual([]);
  }
  expect(lines('member entered')).toBe(entered);
}

test('members whose uplink is cut for twenty seconds are told so, and are then in the room as before', async () => {
  const members = await call(41);
  const entered = lines('member entered');
  const states = async () =>
    Promise.all(members.map(async (member) => (await member.heard('connection-state-changed')).at(-1)));
  link.set({ up: { cut: true } });
  await pause(14_000);
  // The server has stayed silent, and so have new connections.
  expect(await states()).toMatchObject([{ isReconnecting: true }, { isReconnecting: true }]);
  await pause(6000);
  link.set({});
  // TCP alone would repeat what was lost only after some 25 s.
  await expect
    .poll(states, { timeout: 5000 })
    .toMatchObject([{ state: 'CONNECTED' }, { state: 'CONNECTED' }]);
  await expectSameStay(members, entered);
});
