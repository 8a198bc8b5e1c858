/** Largest numeric room id (2^32 − 2). */
export const MAX_ROOM_ID = 4_294_967_294;

const USER_ID = /^[A-Za-z0-9_-]{1,32}$/;
const STR_ROOM_ID = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]{1,64}$/;

/**
 * Whether a text is a legal user id: 1 to 32 of letters, digits, `_` and `-`.
 *
 * @example
 * ```ts
 * isUserId('ana_1'); // true
 * isUserId('ana 1'); // false
 * ```
 */
export const isUserId = (text: string): boolean => USER_ID.test(text);

/**
 * Whether a value is a legal numeric room id: a whole number from 1 to {@link MAX_ROOM_ID}.
 *
 * @example
 * ```ts
 * isRoomId(123); // true
 * isRoomId('123'); // false
 * ```
 */
export const isRoomId = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_ROOM_ID;

/**
 * Whether a text is a legal string room id: 1 to 64 of letters, digits, space and ``!#$%&()+-:;<=.>?@[]^_{}|~,``.
 *
 * @example
 * ```ts
 * isStrRoomId('board meeting'); // true
 * isStrRoomId('a/b'); // false
 * ```
 */
export const isStrRoomId = (text: string): boolean => STR_ROOM_ID.test(text);

/** A room as callers name it. Numeric 123 and string "123" are two rooms. */
export type RoomRef = { readonly roomId: number } | { readonly strRoomId: string };

/**
 * The one text that stands for a room inside an application.
 *
 * @example
 * ```ts
 * roomKey({ roomId: 123 }); // 'n:123'
 * roomKey({ strRoomId: '123' }); // 's:123'
 * ```
 */
export const roomKey = (room: RoomRef): string =>
  'roomId' in room ? `n:${room.roomId}` : `s:${room.strRoomId}`;

/**
 * The room that a {@link roomKey} text stands for.
 *
 * @example
 * ```ts
 * roomRef('n:123'); // { roomId: 123 }
 * roomRef('s:123'); // { strRoomId: '123' }
 * ```
 */
export const roomRef = (key: string): RoomRef =>
  key.startsWith('n:') ? { roomId: Number(key.slice(2)) } : { strRoomId: key.slice(2) };
