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
    identity: { lifeId: name },
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
