import { Permission, type PermissionName } from '@roomkey/tickets/permissions';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectReceiving, expectStopped } from './harness/flow.ts';
import { Stage } from './harness/stage.ts';

/*
 * For each of the eight bits a pair of runs, with and without it. Nobody here uses the SDK:
 * the clients ask the server directly, and send media even when they were refused.
 */

let stage: Stage;
let room = 0;

beforeAll(async () => {
  stage = await Stage.open();
});

// Pages that send and receive would slow down the tests that follow.
afterEach(() => stage.clear());
afterAll(() => stage.close());

const without = (...names: PermissionName[]) => names.reduce((bits, name) => bits - Permission[name], 255);

const sends = [
  ['microphone', 'sendAudio', 'audio'],
  ['camera', 'sendVideo', 'video'],
  ['screen', 'sendSub', 'video'],
  ['screenAudio', 'sendSub', 'audio'],
  ['screenAudio', 'sendAudio', 'audio'],
] as const;

test.each(sends)('%s with %s flows, without it not one packet leaves', async (slot, permission, kind) => {
  const roomId = ++room;
  const watcher = await stage.bare('watcher', { roomId });
  const permitted = await stage.bare('permitted', { roomId });
  expect(await watcher.subscribe('permitted', slot)).toBe('subscribed');
  expect(await permitted.publish(slot)).toBe('published');
  await expectReceiving(watcher.page, { [kind]: 1 });
  await permitted.page.close();
  await expect.poll(() => watcher.told('memberLeft')).toHaveLength(1);

  const denied = await stage.bare('denied', { roomId, bits: without(permission) });
  expect(await watcher.subscribe('denied', slot)).toBe('subscribed');
  expect(await denied.publish(slot)).toBe(`${permission}Denied`);
  await expectStopped(denied.page, watcher.page, kind);
  expect(await watcher.told('trackAdded')).toHaveLength(1);
});

const receives = [
  ['microphone', 'recvAudio', 'audio'],
  ['camera', 'recvVideo', 'video'],
  ['screen', 'recvSub', 'video'],
  ['screenAudio', 'recvSub', 'audio'],
  ['screenAudio', 'recvAudio', 'audio'],
] as const;

test.each(receives)(
  '%s with %s is received, without it not one packet arrives',
  async (slot, permission, kind) => {
    const roomId = ++room;
    const sender = await stage.bare('sender', { roomId });
    const permitted = await stage.bare('permitted', { roomId });
    const denied = await stage.bare('denied', { roomId, bits: without(permission) });
    const other = kind === 'audio' ? 'camera' : 'microphone';
    expect(await sender.publish(slot)).toBe('published');
    expect(await sender.publish(other)).toBe('published');
    expect(await permitted.subscribe('sender', slot)).toBe('subscribed');
    expect(await denied.subscribe('sender', slot)).toBe(`${permission}Denied`);
    // What is allowed flows on the same transport: it is up, and could carry what is not.
    expect(await denied.subscribe('sender', other)).toBe('subscribed');
    await expectReceiving(permitted.page, { [kind]: 1 });
    await expectReceiving(denied.page, kind === 'audio' ? { video: 1 } : { audio: 1 });
    await expectStopped(sender.page, denied.page, kind);
    expect(await denied.told('consumerOpened')).toMatchObject([{ slot: other }]);
  },
);

test('a new room opens with createRoom and stays shut without it', async () => {
  const roomId = ++room;
  const denied = await stage.bare('denied', { roomId, bits: without('createRoom') });
  expect(denied.refused).toBe('createRoomDenied');
  const permitted = await stage.bare('permitted', { roomId });
  expect(permitted.refused).toBeUndefined();
  expect((await stage.bare('denied', { roomId, bits: without('createRoom') })).refused).toBeUndefined();
});

test('a room opens with enterRoom and stays shut without it', async () => {
  const roomId = ++room;
  expect((await stage.bare('permitted', { roomId })).refused).toBeUndefined();
  const denied = await stage.bare('denied', { roomId, bits: without('enterRoom') });
  expect(denied.refused).toBe('enterRoomDenied');
  expect(await denied.ask('openTransport', { direction: 'send' })).toBe('notEntered');
});
