import { expect, test } from 'vitest';
import { EventLoopShare } from '../event-loop-share.ts';
import type { Room } from './room.ts';
import { RoomDirectory } from './room-directory.ts';

/** As much of a room as a directory looks at. */
const roomOf = (sdkAppId: number, name: string) =>
  ({
    sdkAppId,
    name,
    exists: true,
    identity: { lifeId: name, roomKey: name },
    turns: { confirmed: async () => {} },
  }) as Room;

test('a change for one user goes to the rooms in which that user is, and to no other', async () => {
  const rooms = new RoomDirectory(new EventLoopShare());
  const [one, two, other] = [roomOf(1, 'one'), roomOf(1, 'two'), roomOf(2, 'other')];
  for (const room of [one, two, other]) rooms.add(room);
  for (const room of [one, other]) rooms.moved(room, 'ana', true);
  rooms.moved(two, 'bob', true);
  const reached = async (userIds?: string[]) => {
    const names: string[] = [];
    await rooms.inEach(1, async ({ name }) => void names.push(name), userIds);
    return names;
  };
  expect(await reached(['ana'])).toEqual(['one']);
  expect(await reached(['ana', 'bob', 'eve'])).toEqual(['one', 'two']);
  expect(await reached()).toEqual(['one', 'two']);
  rooms.moved(one, 'ana', false);
  expect(await reached(['ana'])).toEqual([]);
});

test('who waits for ended rooms looks at none of another application, and with a name at none of another name', async () => {
  const rooms = new RoomDirectory(new EventLoopShare());
  let looked = 0;
  const endless = () => new Promise<void>(() => {});
  for (let number = 0; number < 500; number++) {
    const sdkAppId = number % 2;
    const room = { ...roomOf(0, `room ${number}`), turns: { confirmed: endless } };
    Object.defineProperty(room, 'sdkAppId', {
      get: () => {
        looked++;
        return sdkAppId;
      },
    });
    rooms.add(room as Room);
    rooms.remove(room as Room);
  }
  looked = 0;
  await rooms.closed(7);
  await rooms.closed(1, 'another room');
  expect(looked).toBe(0);
});

test('a page of rooms is found in the order of their names, and shows those that exist', () => {
  const rooms = new RoomDirectory(new EventLoopShare());
  for (const name of ['c', 'a', 'd', 'b']) rooms.add(roomOf(1, name));
  rooms.add({ ...roomOf(1, 'aa'), exists: false } as Room);
  rooms.add(roomOf(2, 'bb'));
  const behind = (sdkAppId: number | undefined, name: string) =>
    [...rooms.behind(sdkAppId, name)].map(([, room]) => room.name);
  expect(behind(1, 'a')).toEqual(['b', 'c', 'd']);
  expect(behind(undefined, '')).toEqual(['a', 'b', 'bb', 'c', 'd']);
  expect(behind(3, '')).toEqual([]);
});

test('an ended room is waited for until its media is closed', async () => {
  const rooms = new RoomDirectory(new EventLoopShare());
  let close = () => {};
  const confirmed = () =>
    new Promise<void>((resolve) => {
      close = resolve;
    });
  const room = { ...roomOf(1, 'one'), turns: { confirmed } } as Room;
  rooms.add(room);
  rooms.remove(room);
  let isClosed = false;
  const waited = rooms.closed(1).then(() => {
    isClosed = true;
  });
  await rooms.closed(2);
  expect(isClosed).toBe(false);
  close();
  await waited;
});
