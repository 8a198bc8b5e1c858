import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import {
  decodeTicket,
  TicketError,
  type TicketErrorReason,
  TicketIssuer,
  type VerifyOptions,
  type VerifyPrivateMapKeyOptions,
  verifyPrivateMapKey,
  verifyUserSig,
} from './index.ts';
import { type SignedMembers, sealJson, signedMembers } from './testing/seal-json.ts';

const now = 1_700_000_000;
const sdkAppId = 1_400_000_000;
const secretKey = 'the first key';
const userId = 'alice';
const options = { sdkAppId, secretKeys: secretKey, userId, now };
const issuer = new TicketIssuer({ sdkAppId, secretKey, now });
const userSig = issuer.genUserSig(userId, 600);
const numbered = issuer.genPrivateMapKey(userId, 600, 123, 255);
const named = issuer.genPrivateMapKeyWithStringRoomID(userId, 600, '123', 255);

function reasonOf(act: () => unknown): TicketErrorReason {
  try {
    act();
  } catch (error) {
    if (error instanceof TicketError) return error.reason;
    throw error;
  }
  throw new Error('The ticket passed.');
}

function refusal(ticket: string, changes: Partial<VerifyOptions> = {}): TicketErrorReason {
  return reasonOf(() => verifyUserSig(ticket, { ...options, ...changes }));
}

function keyRefusal(ticket: string, changes: Partial<VerifyPrivateMapKeyOptions>): TicketErrorReason {
  return reasonOf(() =>
    verifyPrivateMapKey(ticket, { ...options, ...changes } as VerifyPrivateMapKeyOptions),
  );
}

/** A correctly signed ticket that says anything. */
function signed(members: Partial<SignedMembers> & { readonly userbuf?: string }): string {
  return sealJson(
    JSON.stringify(signedMembers(secretKey, { userId, sdkAppId, time: now, expire: 600, ...members })),
  );
}

/** A userbuf in which any field can be wrong. */
function userbuf(
  changes: {
    account?: string;
    app?: number;
    room?: number;
    expiry?: number;
    map?: number;
    type?: number;
    version?: number;
    rest?: string;
  } = {},
): string {
  const { account = userId, app = sdkAppId, room = 123, expiry = now + 600, map = 255, type = 0 } = changes;
  const numbers = Buffer.alloc(20);
  for (const [index, value] of [app, room, expiry, map, type].entries())
    numbers.writeUInt32BE(value, index * 4);
  const head = Buffer.from([changes.version ?? 0, account.length >> 8, account.length & 255]);
  return Buffer.concat([
    head,
    Buffer.from(account),
    numbers,
    Buffer.from(changes.rest ?? '', 'latin1'),
  ]).toString('base64');
}

describe('claims', () => {
  test('a UserSig proves application, user and dates', () => {
    expect(verifyUserSig(userSig, options)).toEqual({
      ...{ sdkAppId, userId, issuedAt: now, expiresAt: now + 600, key: 0 },
    });
  });

  test('a PrivateMapKey also proves its room, of its kind, and its permissions', () => {
    const claims = { sdkAppId, userId, issuedAt: now, expiresAt: now + 600, key: 0, permissions: 255 };
    expect(verifyPrivateMapKey(numbered, { ...options, roomId: 123 })).toEqual({ ...claims, roomId: 123 });
    expect(verifyPrivateMapKey(named, { ...options, strRoomId: '123' })).toEqual({
      ...claims,
      strRoomId: '123',
    });
  });

  test('permission bits above the low byte are ignored', () => {
    const ticket = signed({ userbuf: userbuf({ map: 0xffff_ff2a }) });
    expect(verifyPrivateMapKey(ticket, { ...options, roomId: 123 }).permissions).toBe(42);
  });

  test('of the two expiries the earlier one counts', () => {
    const inside = signed({ userbuf: userbuf({ expiry: now + 10 }) });
    expect(verifyPrivateMapKey(inside, { ...options, roomId: 123, now: now + 10 }).expiresAt).toBe(now + 10);
    expect(keyRefusal(inside, { roomId: 123, now: now + 11 })).toBe('expired');
    const outside = signed({ expire: 10, userbuf: userbuf({ expiry: now + 600 }) });
    expect(verifyPrivateMapKey(outside, { ...options, roomId: 123, now: now + 10 }).expiresAt).toBe(now + 10);
    expect(keyRefusal(outside, { roomId: 123, now: now + 11 })).toBe('expired');
  });

  test('the claims say which of several keys signed', () => {
    const secretKeys = ['another key', secretKey, 'a third'];
    expect(verifyUserSig(userSig, { ...options, secretKeys }).key).toBe(1);
    expect(verifyPrivateMapKey(numbered, { ...options, secretKeys, roomId: 123 }).key).toBe(1);
  });

  test('a missing expiry is 0, as it is signed', () => {
    const { 'TLS.expire': _, ...members } = signedMembers(secretKey, {
      userId,
      sdkAppId,
      time: now,
      expire: 0,
    });
    expect(verifyUserSig(sealJson(JSON.stringify(members)), options).expiresAt).toBe(now);
  });
});

describe('refusals', () => {
  test('a ticket signed with another key, or checked without keys, is forged', () => {
    for (const secretKeys of ['another key', ['another', 'third'], []]) {
      expect(refusal(userSig, { secretKeys })).toBe('forged');
      expect(keyRefusal(numbered, { secretKeys, roomId: 123 })).toBe('forged');
    }
  });

  test('another application is told before its key, which does not fit, is tried', () => {
    const other = new TicketIssuer({ sdkAppId: 1, secretKey: 'its key', now });
    expect(refusal(other.genUserSig(userId, 600))).toBe('wrongApplication');
    expect(keyRefusal(other.genPrivateMapKey(userId, 600, 123, 255), { roomId: 123 })).toBe(
      'wrongApplication',
    );
  });

  test('another application inside the userbuf is wrong too', () => {
    expect(keyRefusal(signed({ userbuf: userbuf({ app: 1 }) }), { roomId: 123 })).toBe('wrongApplication');
  });

  test('another user is wrong, and only the very same text is the same user', () => {
    for (const other of ['bob', 'Alice', 'alice ', 'ａlice', '']) {
      expect(refusal(userSig, { userId: other })).toBe('wrongUser');
      expect(keyRefusal(numbered, { userId: other, roomId: 123 })).toBe('wrongUser');
    }
  });

  test('another user inside the userbuf is wrong too', () => {
    expect(keyRefusal(signed({ userbuf: userbuf({ account: 'mallory' }) }), { roomId: 123 })).toBe(
      'wrongUser',
    );
  });

  test('another room is wrong, and 123 and "123" are two rooms', () => {
    expect(keyRefusal(numbered, { roomId: 124 })).toBe('wrongRoom');
    expect(keyRefusal(numbered, { strRoomId: '123' })).toBe('wrongRoom');
    expect(keyRefusal(named, { roomId: 123 })).toBe('wrongRoom');
    for (const strRoomId of ['1234', '12', '', '１２３', '123\0'])
      expect(keyRefusal(named, { strRoomId })).toBe('wrongRoom');
  });

  test('a room text with half a character is no room, not even the one with the same bytes', () => {
    const ticket = issuer.genPrivateMapKeyWithStringRoomID(userId, 600, '\ufffd', 255);
    expect(keyRefusal(ticket, { strRoomId: '\ud800' })).toBe('wrongRoom');
    expect(verifyPrivateMapKey(ticket, { ...options, strRoomId: '\ufffd' }).strRoomId).toBe('\ufffd');
  });

  test('the misspelt room of a lossy generator opens the room it spells', () => {
    const lossy = signed({ userbuf: userbuf({ version: 1, room: 0, rest: '\0\x01A' }) });
    expect(keyRefusal(lossy, { strRoomId: 'Ł' })).toBe('wrongRoom');
    expect(verifyPrivateMapKey(lossy, { ...options, strRoomId: 'A' }).strRoomId).toBe('A');
  });

  test('the two kinds are not taken for each other', () => {
    expect(refusal(numbered)).toBe('notAUserSig');
    expect(refusal(named)).toBe('notAUserSig');
    expect(keyRefusal(userSig, { roomId: 123 })).toBe('notAPrivateMapKey');
    expect(keyRefusal(userSig, { strRoomId: '123' })).toBe('notAPrivateMapKey');
  });

  test('a UserSig with any userbuf, even an empty one, is none', () => {
    for (const base64 of ['', 'AAAA', userbuf()])
      expect(refusal(signed({ userbuf: base64 }))).toBe('notAUserSig');
  });

  test.each([
    ['empty', ''],
    ['short', Buffer.alloc(22).toString('base64')],
    ['of version 2', userbuf({ version: 2 })],
    ['with another account type', userbuf({ type: 1 })],
    ['with something behind it', userbuf({ rest: '\0' })],
    ['of version 1 without a room text', userbuf({ version: 1, room: 0 })],
    ['of version 1 with half a length', userbuf({ version: 1, room: 0, rest: '\0' })],
    ['whose room text is shorter than it says', userbuf({ version: 1, room: 0, rest: '\0\x02A' })],
    ['whose room text is longer than it says', userbuf({ version: 1, room: 0, rest: '\0\x02ABC' })],
    ['with two rooms', userbuf({ version: 1, room: 123, rest: '\0\x01A' })],
    [
      'whose account is longer than all of it',
      Buffer.from(`\0\xff\xff${'a'.repeat(40)}`, 'latin1').toString('base64'),
    ],
  ])('a userbuf %s is malformed though it is signed', (_, base64) => {
    expect(keyRefusal(signed({ userbuf: base64 }), { roomId: 123 })).toBe('malformed');
    expect(reasonOf(() => decodeTicket(signed({ userbuf: base64 })))).toBe('malformed');
  });

  test.each(['eve\nTLS.sdkappid:1', 'a\0', '\ud800'])('the signed user id %j is unsafe', (unsafeId) => {
    expect(refusal(signed({ userId: unsafeId }), { userId: unsafeId })).toBe('unsafe');
    expect(
      keyRefusal(signed({ userId: unsafeId, userbuf: userbuf() }), { userId: unsafeId, roomId: 123 }),
    ).toBe('unsafe');
    expect(reasonOf(() => decodeTicket(signed({ userId: unsafeId })))).toBe('unsafe');
  });

  test('an id with a newline that imitates the lines of another ticket is refused although it is signed', () => {
    const imitation = `alice\nTLS.sdkappid:${sdkAppId}\nTLS.time:${now}\nTLS.expire:99999`;
    const members = signedMembers(secretKey, { userId: imitation, sdkAppId, time: now, expire: 600 });
    const split = { ...members, 'TLS.identifier': userId, 'TLS.expire': 99_999 };
    expect(refusal(sealJson(JSON.stringify(members)), { userId: imitation })).toBe('unsafe');
    expect(refusal(sealJson(JSON.stringify(split)))).toBe('forged');
  });
});

describe('time', () => {
  test('a ticket passes in its last second and has expired in the next', () => {
    for (const act of [verifySig, verifyKey]) {
      expect(act({ now: now + 600 }).expiresAt).toBe(now + 600);
      expect(reasonOf(() => act({ now: now + 601 }))).toBe('expired');
    }
  });

  test('the expiry leeway adds exactly its seconds', () => {
    for (const act of [verifySig, verifyKey]) {
      expect(act({ now: now + 605, expiryLeeway: 5 }).expiresAt).toBe(now + 600);
      expect(reasonOf(() => act({ now: now + 606, expiryLeeway: 5 }))).toBe('expired');
    }
  });

  test('a ticket may be dated 300 seconds ahead and not one more, unless another leeway is given', () => {
    for (const act of [verifySig, verifyKey]) {
      expect(act({ now: now - 300 }).issuedAt).toBe(now);
      expect(reasonOf(() => act({ now: now - 301 }))).toBe('issuedInFuture');
      expect(act({ now: now - 10, futureLeeway: 10 }).issuedAt).toBe(now);
      expect(reasonOf(() => act({ now: now - 11, futureLeeway: 10 }))).toBe('issuedInFuture');
    }
  });

  test('fractions of a second do not count', () => {
    expect(verifySig({ now: now + 600.999 }).expiresAt).toBe(now + 600);
  });

  test('an expiry that wrapped past 2^32 is expired, wherever it landed', () => {
    for (const past of [0, 1, now + 5000]) {
      const ticket = signed({ expire: 2 ** 32 - now + past, userbuf: userbuf({ expiry: past }) });
      expect(keyRefusal(ticket, { roomId: 123 })).toBe('expired');
    }
  });

  test('without a clock the wall clock counts', () => {
    const fresh = new TicketIssuer({ sdkAppId, secretKey }).genUserSig(userId, 60);
    expect(verifyUserSig(fresh, { sdkAppId, secretKeys: secretKey, userId }).userId).toBe(userId);
    expect(reasonOf(() => verifyUserSig(userSig, { sdkAppId, secretKeys: secretKey, userId }))).toBe(
      'expired',
    );
  });

  function verifySig(changes: Partial<VerifyOptions>) {
    return verifyUserSig(userSig, { ...options, ...changes });
  }

  function verifyKey(changes: Partial<VerifyOptions>) {
    return verifyPrivateMapKey(numbered, { ...options, roomId: 123, ...changes });
  }
});

describe('options that make no sense are no reason to refuse a ticket, and never let one pass', () => {
  test.each<[string, object]>([
    ['a clock that says nothing', { now: Number.NaN }],
    ['an endless clock', { now: Number.POSITIVE_INFINITY }],
    ['a negative leeway', { expiryLeeway: -1 }],
    ['a leeway that is no number', { futureLeeway: Number.NaN }],
    ['an application number of 0', { sdkAppId: 0 }],
    ['an application number that is a text', { sdkAppId: '1400000000' }],
  ])('%s is a RangeError', (_, changes) => {
    expect(() => verifyUserSig(userSig, { ...options, ...changes })).toThrow(RangeError);
    expect(() => verifyPrivateMapKey(numbered, { ...options, roomId: 123, ...changes })).toThrow(RangeError);
  });

  test.each<[string, object]>([
    ['an empty key', { secretKeys: '' }],
    ['an empty key in a list', { secretKeys: [secretKey, ''] }],
    ['a key that is no text', { secretKeys: [undefined] }],
    ['no room', { roomId: undefined }],
    ['two rooms', { strRoomId: '123' }],
    ['a room number given as a text', { roomId: '123' }],
    ['a room text given as a number', { roomId: undefined, strRoomId: 123 }],
  ])('%s is a TypeError', (_, changes) => {
    const call = { ...options, roomId: 123, ...changes } as VerifyPrivateMapKeyOptions;
    expect(() => verifyPrivateMapKey(numbered, call)).toThrow(TypeError);
  });
});

test('the error of a refused ticket holds neither ticket nor key', () => {
  for (const ticket of [userSig, userSig.slice(0, -4), `${userSig}AAAA`]) {
    const error = catchError(() =>
      verifyUserSig(ticket, { ...options, secretKeys: 'a wrong secret', userId: 'bob' }),
    );
    expect(error).toBeInstanceOf(TicketError);
    const text = JSON.stringify(error) + error.message + error.stack;
    for (const secret of [ticket, userSig.slice(20, 60), 'a wrong secret'])
      expect(text).not.toContain(secret);
  }
});

test('decoding says what is written without proof', () => {
  const forged = new TicketIssuer({ sdkAppId, secretKey: 'unknown', now });
  expect(decodeTicket(forged.genUserSig(userId, 600))).toEqual({
    kind: 'userSig',
    ...{ sdkAppId, userId, issuedAt: now, expire: 600, expiresAt: now + 600 },
  });
  expect(decodeTicket(forged.genPrivateMapKey(userId, 600, 123, 42))).toMatchObject({
    kind: 'privateMapKey',
    userbuf: {
      account: userId,
      sdkAppId,
      roomId: 123,
      expiresAt: now + 600,
      permissions: 42,
      privilegeMap: 42,
    },
  });
  const { userbuf: room } = decodeTicket(forged.genPrivateMapKeyWithStringRoomID(userId, 600, 'Łódź', 42));
  expect(room).toMatchObject({ strRoomId: 'Łódź' });
  expect(room).not.toHaveProperty('roomId');
});

function catchError(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}
