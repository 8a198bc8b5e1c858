import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isRoomId, isStrRoomId, isUserId, MAX_ROOM_ID, roomKey, roomRef } from './ids.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const inUserIds = `${letters}_-`;
const inRoomTexts = `${letters} !#$%&()+-:;<=.>?@[]^_{}|~,`;
const everyCharacter = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code));

test('a user id is made of letters, digits, underscore and hyphen alone', () => {
  const accepted = everyCharacter.filter((character) => isUserId(character));
  expect(accepted.join('')).toBe([...inUserIds].sort().join(''));
});

test('a user id has 1 to 32 characters', () => {
  expect([0, 1, 32, 33].map((length) => isUserId('a'.repeat(length)))).toEqual([false, true, true, false]);
});

test('a string room id is made of the published characters alone: no quotes, slashes, asterisks or line ends', () => {
  const accepted = everyCharacter.filter((character) => isStrRoomId(character));
  expect(accepted.join('')).toBe([...inRoomTexts].sort().join(''));
});

test('a string room id has 1 to 64 characters', () => {
  expect([0, 1, 64, 65].map((length) => isStrRoomId('a'.repeat(length)))).toEqual([false, true, true, false]);
});

test.each(['ana\n', '\nana', 'ana\r\nbob', 'ana\u2028'])('a line end does not pass with %j', (text) => {
  expect([isUserId(text), isStrRoomId(text)]).toEqual([false, false]);
});

test('a numeric room id is a whole number from 1 to 4294967294', () => {
  expect(MAX_ROOM_ID).toBe(2 ** 32 - 2);
  expect([1, 123, 2 ** 31, 4_294_967_294].every(isRoomId)).toBe(true);
});

test.each([0, -1, 1.5, 4_294_967_295, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY, '123', null, [1], 1n])(
  '%s is no numeric room id',
  (value) => {
    expect(isRoomId(value)).toBe(false);
  },
);

test('numeric 123 and string "123" are two rooms', () => {
  expect(roomKey({ roomId: 123 })).not.toBe(roomKey({ strRoomId: '123' }));
});

test('the text that stands for a room leads back to it, and to no other', () => {
  const room = fc.oneof(
    fc.integer({ min: 1, max: MAX_ROOM_ID }).map((roomId) => ({ roomId })),
    fc
      .string({ unit: fc.constantFrom(...inRoomTexts), minLength: 1, maxLength: 64 })
      .map((strRoomId) => ({ strRoomId })),
  );
  fc.assert(
    fc.property(room, (ref) => {
      expect(roomRef(roomKey(ref))).toEqual(ref);
    }),
  );
});
