import { Permission, type PermissionName } from '@roomkey/tickets/permissions';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Bare } from './harness/bare.ts';
import { expectReceiving, expectStopped, flows } from './harness/flow.ts';
import type { SdkMember } from './harness/sdk-member.ts';
import { Stage, type Wish } from './harness/stage.ts';

/*
 * Bits go and come while media flows. Where nothing may be taken on trust the clients do not use the SDK: they go on
 * sending what they may not send any more, and close nothing by themselves.
 */

let stage: Stage;
let room = 0;

beforeAll(async () => {
  stage = await Stage.open();
});

const pages: Page[] = [];

afterEach(() => Promise.all(pages.splice(0).map((page) => page.context().close())));

afterAll(() => stage.close());

async function bare(userId: string, roomId: number): Promise<Bare> {
  const client = await stage.bare(userId, { roomId });
  pages.push(client.page);
  return client;
}

async function member(userId: string, wish: Wish): Promise<SdkMember> {
  const entered = await stage.member(userId, wish);
  pages.push(entered.page);
  return entered;
}

const without = (name: PermissionName) => 255 - Permission[name];

/** Gives a member another key; the name of the refusal, or undefined. */
function newKey(client: Bare, roomId: number, bits: number): Promise<string | undefined> {
  const { privateMapKey } = stage.entry(client.userId, { roomId, bits });
  return client.ask('updatePrivateMapKey', { privateMapKey });
}

/**
 * Holds that a kind of media has stopped, once what the server sent before its answer has left the receiver's own queues;
 * until that is so nothing is concluded.
 */
async function expectStoppedNow(sender: Bare, receiver: Bare, kind: 'audio' | 'video'): Promise<void> {
  const arriving = async () =>
    (await flows(receiver.page, 250))
      .filter((flow) => flow.direction === 'in' && flow.kind === kind)
      .reduce((sum, { packetsInWindow }) => sum + packetsInWindow, 0);
  await expect.poll(arriving, { timeout: 5000 }).toBe(0);
  await expectStopped(sender.page, receiver.page, kind);
}

const sends = [
  ['microphone', 'sendAudio', 'audio'],
  ['camera', 'sendVideo', 'video'],
  ['screen', 'sendSub', 'video'],
  ['screenAudio', 'sendSub', 'audio'],
  ['screenAudio', 'sendAudio', 'audio'],
] as const;

test.each(sends)(
  '%s that flows stops with %s, whatever its sender does, and can be published again with it',
  async (slot, permission, kind) => {
    const roomId = ++room;
    const watcher = await bare('watcher', roomId);
    const sender = await bare('sender', roomId);
    const update = (bits: number) => newKey(sender, roomId, bits);
    expect(await watcher.subscribe('sender', slot)).toBe('subscribed');
    expect(await sender.publish(slot)).toBe('published');
    await expectReceiving(watcher.page, { [kind]: 1 });

    expect(await update(without(permission))).toBeUndefined();
    expect(await sender.told('trackClosed')).toMatchObject([{ slot, cause: `${permission}Denied` }]);
    expect(await sender.told('permissionChanged')).toMatchObject([
      { before: 255, after: without(permission) },
    ]);
    await expectStoppedNow(sender, watcher, kind);
    expect(await sender.publish(slot)).toBe(`${permission}Denied`);

    expect(await update(255)).toBeUndefined();
    expect(await watcher.told('trackAdded')).toHaveLength(1);
    expect(await sender.publish(slot)).toBe('published');
    await expectReceiving(watcher.page, { [kind]: 1 });
  },
);

const receives = [
  ['microphone', 'recvAudio', 'audio'],
  ['camera', 'recvVideo', 'video'],
  ['screen', 'recvSub', 'video'],
  ['screenAudio', 'recvSub', 'audio'],
  ['screenAudio', 'recvAudio', 'audio'],
] as const;

test.each(receives)(
  '%s that is received stops with %s and comes back with it by itself',
  async (slot, permission, kind) => {
    const roomId = ++room;
    const sender = await bare('sender', roomId);
    const watcher = await bare('watcher', roomId);
    const update = (bits: number) => newKey(watcher, roomId, bits);
    expect(await sender.publish(slot)).toBe('published');
    expect(await watcher.subscribe('sender', slot)).toBe('subscribed');
    await expectReceiving(watcher.page, { [kind]: 1 });

    expect(await update(without(permission))).toBeUndefined();
    expect(await watcher.told('consumerClosed')).toMatchObject([{ userId: 'sender', slot }]);
    await expectStoppedNow(sender, watcher, kind);

    expect(await update(255)).toBeUndefined();
    await expectReceiving(watcher.page, { [kind]: 1 });
    expect(await watcher.told('consumerOpened')).toHaveLength(2);
  },
);

test('with the SDK a lost bit ends a track with its cause, and the app publishes again when it is back', async () => {
  const roomId = ++room;
  const watcher = await member('watcher', { roomId });
  const sender = await member('sender', { roomId });
  await sender.run((trtc) => trtc.startLocalVideo());
  await sender.run((trtc) => trtc.startLocalAudio());
  await expect.poll(() => watcher.heard('remote-video-available')).toHaveLength(1);
  await watcher.run((trtc) => trtc.startRemoteVideo({ userId: 'sender', streamType: 'main' }));
  await expectReceiving(watcher.page, { audio: 1, video: 1 });

  const keyWith = (bits: number) => stage.entry('sender', { roomId, bits }).privateMapKey;
  await sender.run((trtc, key) => trtc.updatePrivateMapKey(String(key)), keyWith(without('sendVideo')));
  expect(await sender.run((trtc) => trtc.permissions?.effective)).toBe(without('sendVideo'));
  expect((await sender.heard('publish-state-changed')).at(-1)).toMatchObject({
    slot: 'camera',
    state: 'stopped',
  });
  expect(await sender.heard('permission-changed')).toMatchObject([
    { before: 255, after: without('sendVideo'), reasons: [{ permission: 'sendVideo', operand: 'held' }] },
  ]);
  await expectReceiving(watcher.page, { audio: 1 });
  expect(await sender.run((trtc) => trtc.getVideoTrack()?.readyState)).toBe('live');

  const native = JSON.stringify({ api: 'updatePrivateMapKey', params: { privateMapKey: keyWith(255) } });
  await sender.run((trtc, call) => trtc.callExperimentalAPI(String(call)), native);
  await sender.run((trtc) => trtc.updateLocalVideo({ publish: true }));
  await expect.poll(() => watcher.heard('remote-video-available')).toHaveLength(2);
  await watcher.run((trtc) => trtc.startRemoteVideo({ userId: 'sender', streamType: 'main' }));
  await expectReceiving(watcher.page, { audio: 1, video: 1 });
});

test('a live room: a viewer becomes an anchor and a viewer again, and what it captures is there each time', async () => {
  const roomId = ++room;
  const anchor = await member('anchor', { roomId, scene: 'live' });
  const viewer = await member('viewer', { roomId, scene: 'live', role: 'audience' });
  await anchor.run((trtc) => trtc.startLocalAudio());
  await expectReceiving(viewer.page, { audio: 1 });
  expect(await anchor.heard('remote-user-enter')).toEqual([]);

  await viewer.run((trtc) => trtc.switchRole('anchor'));
  await viewer.run((trtc) => trtc.startLocalAudio());
  await expectReceiving(anchor.page, { audio: 1 });
  expect(await anchor.heard('remote-user-enter')).toEqual([{ userId: 'viewer' }]);

  await viewer.run((trtc) => trtc.switchRole('audience'));
  await expect.poll(() => anchor.heard('remote-user-exit')).toEqual([{ userId: 'viewer', reason: 3 }]);
  await expectReceiving(anchor.page, {});
  await expectReceiving(viewer.page, { audio: 1 });

  await viewer.run((trtc) => trtc.switchRole('anchor'));
  await expectReceiving(anchor.page, { audio: 1 });
});
