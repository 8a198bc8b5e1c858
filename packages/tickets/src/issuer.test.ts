import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { Api } from 'tls-sig-api-v2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Permission, presets, TicketIssuer, verifyPrivateMapKey, verifyUserSig } from './index.ts';
import { readTicket, readUserbuf, signatureOf } from './testing/published-algorithm.ts';

const now = 1_700_000_000;
const sdkAppId = 1_400_000_000;
const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const issuer = new TicketIssuer({ sdkAppId, secretKey });
const vendor = new Api(sdkAppId, secretKey);

beforeEach(() => {
  vi.useFakeTimers({ now: now * 1000 + 999, toFake: ['Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const userIds = fc.string({ unit: 'binary', minLength: 1 }).filter((id) => !/[\n\0]/.test(id));
const asciiIds = fc
  .string({ unit: 'binary-ascii', minLength: 1, maxLength: 64 })
  .filter((id) => !/[\n\0]/.test(id));
const expiries = fc.integer({ min: 0, max: 0xffff_ffff - now });
const roomIds = fc.integer({ min: 1, max: 0xffff_ffff });
const bytes = fc.integer({ min: 0, max: 255 });

test('a UserSig equals, field for field, what the vendor package makes', () => {
  fc.assert(
    fc.property(userIds, expiries, (userId, expire) => {
      expect(readTicket(issuer.genUserSig(userId, expire))).toEqual(
        readTicket(vendor.genUserSig(userId, expire)),
      );
    }),
  );
});

test('a PrivateMapKey with ASCII ids equals, field for field, what the vendor package makes', () => {
  fc.assert(
    fc.property(asciiIds, expiries, roomIds, asciiIds, bytes, (userId, expire, roomId, strRoomId, map) => {
      expect(readTicket(issuer.genPrivateMapKey(userId, expire, roomId, map))).toEqual(
        readTicket(vendor.genPrivateMapKey(userId, expire, roomId, map)),
      );
      expect(readTicket(issuer.genPrivateMapKeyWithStringRoomID(userId, expire, strRoomId, map))).toEqual(
        readTicket(vendor.genPrivateMapKeyWithStringRoomID(userId, expire, strRoomId, map)),
      );
    }),
  );
});

test('an independent re-computation finds every field and the signature, for any text', () => {
  const texts = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(userIds, expiries, fc.oneof(roomIds, texts), bytes, (userId, expire, room, map) => {
      const ticket = readTicket(genFor(userId, expire, room, map));
      expect(ticket['TLS.sig']).toBe(signatureOf(ticket, secretKey));
      expect(ticket).toMatchObject({ 'TLS.ver': '2.0', 'TLS.identifier': userId, 'TLS.sdkappid': sdkAppId });
      expect(ticket).toMatchObject({ 'TLS.time': now, 'TLS.expire': expire });
      expect(readUserbuf(ticket['TLS.userbuf'] ?? '')).toEqual({
        version: typeof room === 'number' ? 0 : 1,
        ...{ account: userId, sdkAppId, privilegeMap: map, accountType: 0 },
        expiresAt: now + expire,
        ...(typeof room === 'number' ? { roomId: room } : { roomId: 0, strRoomId: room }),
      });
    }),
  );
});

test('what is issued verifies, for any room text and any user id without newline and NUL', () => {
  const texts = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(userIds, roomIds, texts, bytes, (userId, roomId, strRoomId, map) => {
      const options = { sdkAppId, secretKeys: secretKey, userId, now };
      const userSig = verifyUserSig(issuer.genUserSig(userId, 60), options);
      expect(userSig).toEqual({ sdkAppId, userId, issuedAt: now, expiresAt: now + 60, key: 0 });
      expect(verifyPrivateMapKey(genFor(userId, 60, roomId, map), { ...options, roomId })).toEqual({
        ...userSig,
        roomId,
        permissions: map,
      });
      expect(verifyPrivateMapKey(genFor(userId, 60, strRoomId, map), { ...options, strRoomId })).toEqual({
        ...userSig,
        strRoomId,
        permissions: map,
      });
    }),
  );
});

/** Results of the vendor package 1.0.2 at this clock. */
test.each([
  [
    'UserSig',
    () => issuer.genUserSig('xiaojun', 86_400),
    'SNF4FmVCPucoXsBOpbVF3fFCf57JPm0ezZ1jeVILlVc=',
    undefined,
  ],
  [
    'room 10000',
    () => issuer.genPrivateMapKey('xiaojun', 300, 10_000, 42),
    'P5VOZl2puDPO93IxAFRjBiMCup+p9dfpzhDS5mGu/FE=',
    '0000077869616f6a756e53724e00000027106553f22c0000002a00000000',
  ],
  [
    'room 4294967294',
    () => issuer.genPrivateMapKey('xiaojun', 300, 4_294_967_294, presets.anchor),
    'CLe0ab0so3SLQqfjsJaNqNSh44D2m+ni54TAeeInQ4Q=',
    '0000077869616f6a756e53724e00fffffffe6553f22c000000ff00000000',
  ],
  [
    'room "room-A"',
    () => issuer.genPrivateMapKeyWithStringRoomID('xiaojun', 300, 'room-A', presets.anchor),
    'p5U9ZB2NlPJILz1kZ+MwRR4GN7aHdhX8niMnLB6iddA=',
    '0100077869616f6a756e53724e00000000006553f22c000000ff000000000006726f6f6d2d41',
  ],
])('the known answer for %s', (_, issue, sig, userbufHex) => {
  const ticket = readTicket(issue());
  expect(ticket['TLS.sig']).toBe(sig);
  expect(ticket['TLS.userbuf'] && Buffer.from(ticket['TLS.userbuf'], 'base64').toString('hex')).toBe(
    userbufHex,
  );
});

test('a ticket has only characters that pass unchanged through a URL query and a header', () => {
  fc.assert(
    fc.property(userIds, (userId) => {
      expect(issuer.genUserSig(userId, 60)).toMatch(/^[A-Za-z0-9*_-]+$/);
    }),
  );
});

test.each(['a\nb', '\n', 'a\0', '\ud83d', 'x\udc00y'])('the user id %j is unsafe', (userId) => {
  const unsafe = expect.objectContaining({ name: 'TicketError', reason: 'unsafe' });
  expect(() => issuer.genUserSig(userId, 60)).toThrow(unsafe);
  expect(() => issuer.genPrivateMapKey(userId, 60, 1, 255)).toThrow(unsafe);
  expect(() => issuer.genPrivateMapKeyWithStringRoomID(userId, 60, 'r', 255)).toThrow(unsafe);
});

test.each([
  ['an application number of 0', () => new TicketIssuer({ sdkAppId: 0, secretKey })],
  ['an application number past 32 bits', () => new TicketIssuer({ sdkAppId: 2 ** 32, secretKey })],
  ['an expiry in fractions', () => issuer.genUserSig('u', 0.5)],
  ['a negative expiry', () => issuer.genUserSig('u', -1)],
  ['an expiry that is no number', () => issuer.genUserSig('u', Number.NaN)],
  ['an expiry that the userbuf cannot hold', () => issuer.genPrivateMapKey('u', 2 ** 32 - now, 1, 255)],
  ['room 0', () => issuer.genPrivateMapKey('u', 60, 0, 255)],
  ['a room past 32 bits', () => issuer.genPrivateMapKey('u', 60, 2 ** 32, 255)],
  ['a room number given as a text', () => issuer.genPrivateMapKey('u', 60, '123' as unknown as number, 255)],
  ['permissions past a byte', () => issuer.genPrivateMapKey('u', 60, 1, 256)],
  ['negative permissions', () => issuer.genPrivateMapKey('u', 60, 1, -1)],
  [
    'a room text with half a character',
    () => issuer.genPrivateMapKeyWithStringRoomID('u', 60, '\ud83d', 255),
  ],
  [
    'a clock that says nothing',
    () => new TicketIssuer({ sdkAppId, secretKey, now: Number.NaN }).genUserSig('u', 1),
  ],
  ['a clock before 1970', () => new TicketIssuer({ sdkAppId, secretKey, now: -1 }).genUserSig('u', 1)],
  ['a user id too long for a ticket', () => issuer.genUserSig('u'.repeat(20_000), 60)],
  ['a user id too long for a userbuf', () => issuer.genPrivateMapKey('u'.repeat(70_000), 60, 1, 255)],
  ['a user id whose ticket would be too long', () => issuer.genUserSig('u'.repeat(12_250), 60)],
])('%s is a RangeError', (_, act) => {
  expect(act).toThrow(RangeError);
});

test.each([
  ['an empty key', () => new TicketIssuer({ sdkAppId, secretKey: '' })],
  ['a missing key', () => new TicketIssuer({ sdkAppId, secretKey: undefined as unknown as string })],
  ['an empty user id', () => issuer.genUserSig('', 60)],
  [
    'a room text that is a number',
    () => issuer.genPrivateMapKeyWithStringRoomID('u', 60, 123 as unknown as string, 1),
  ],
])('%s is a TypeError', (_, act) => {
  expect(act).toThrow(TypeError);
});

test('the longest ticket that is issued is one that verifies', () => {
  let length = 12_300;
  const issue = () => issuer.genUserSig('u'.repeat(length), 60);
  for (;;) {
    try {
      issue();
      break;
    } catch {
      length--;
    }
  }
  expect(issue()).toHaveLength(16_384);
  const userId = 'u'.repeat(length);
  expect(verifyUserSig(issue(), { sdkAppId, secretKeys: secretKey, userId, now }).userId).toBe(userId);
});

test('the clock is read for each ticket, and fractions of a second are cut off', () => {
  let seconds = 1000.9;
  const ticking = new TicketIssuer({ sdkAppId, secretKey, now: () => seconds });
  expect(readTicket(ticking.genUserSig('u', 60))['TLS.time']).toBe(1000);
  seconds += 1;
  expect(readTicket(ticking.genUserSig('u', 60))['TLS.time']).toBe(1001);
});

test('the eighth bit is 128; the 200 of the vendor comments would grant three permissions', () => {
  expect(Permission.recvSub).toBe(128);
  const ticket = issuer.genPrivateMapKey('u', 60, 1, 200);
  const { permissions } = verifyPrivateMapKey(ticket, {
    sdkAppId,
    secretKeys: secretKey,
    userId: 'u',
    roomId: 1,
    now,
  });
  expect(permissions).toBe(Permission.recvSub | Permission.sendSub | Permission.recvAudio);
});

function genFor(userId: string, expire: number, room: number | string, map: number): string {
  return typeof room === 'number'
    ? issuer.genPrivateMapKey(userId, expire, room, map)
    : issuer.genPrivateMapKeyWithStringRoomID(userId, expire, room, map);
}
