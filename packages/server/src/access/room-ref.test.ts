import { expect, test } from 'vitest';
import { requestedRoom } from './room-ref.ts';
import { refusalOf } from './ticket-check.ts';

test('a room is named by a number or a text, and the number goes first', () => {
  expect(requestedRoom({ roomId: 7 })).toEqual({ roomId: 7 });
  expect(requestedRoom({ strRoomId: 'seven' })).toEqual({ strRoomId: 'seven' });
  expect(requestedRoom({ roomId: 7, strRoomId: 'seven' })).toEqual({ roomId: 7 });
});

test.each([
  [{}, 'roomIdMissing'],
  [{ roomId: 0 }, 'roomIdIllegal'],
  [{ roomId: 0, strRoomId: 'seven' }, 'roomIdIllegal'],
  [{ roomId: 4_294_967_295 }, 'roomIdIllegal'],
  [{ strRoomId: '' }, 'strRoomIdIllegal'],
  [{ strRoomId: "it's" }, 'strRoomIdIllegal'],
])('%j is refused as %s', (asked, cause) => {
  expect(refusalOf(() => requestedRoom(asked))).toBe(cause);
});
