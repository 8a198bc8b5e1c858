import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import {
  decodeTicket,
  TicketIssuer,
  type VerifyOptions,
  verifyPrivateMapKey,
  verifyUserSig,
} from './index.ts';
import { readTicket, signatureOf } from './testing/published-algorithm.ts';
import { type Quirk, type Vector, vectors } from './testing/vectors.ts';

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** Why each quirk leads to a refusal, or that it does not. */
const outcomes: Record<Quirk, (vector: Vector) => 'verified' | 'wrongUser' | 'wrongRoom'> = {
  'expire-omitted': () => 'verified',
  'userbuf-empty-room-version-1': () => 'verified',
  'userbuf-utf16-low-byte': ({ userId }) => (isAscii(userId) ? 'wrongRoom' : 'wrongUser'),
  'userbuf-latin1': () => 'wrongUser',
  'userbuf-utf16-truncated': () => 'wrongUser',
};

function outcomeOf(vector: Vector): string {
  const [quirk] = vector.quirks;
  return quirk ? outcomes[quirk](vector) : 'verified';
}

function verify(vector: Vector, changes: Partial<VerifyOptions> = {}) {
  const { ticket, sdkAppId, secretKey, userId, now, roomId, strRoomId } = vector;
  const options = { sdkAppId, secretKeys: secretKey, userId, now, ...changes };
  if (roomId !== undefined) return verifyPrivateMapKey(ticket, { ...options, roomId });
  if (strRoomId !== undefined) return verifyPrivateMapKey(ticket, { ...options, strRoomId });
  return verifyUserSig(ticket, options);
}

function claimsOf({ sdkAppId, userId, now, expire, roomId, strRoomId, privilegeMap }: Vector) {
  return {
    ...{ sdkAppId, userId, issuedAt: now, expiresAt: now + expire, key: 0 },
    ...(roomId !== undefined && { roomId, permissions: privilegeMap }),
    ...(strRoomId !== undefined && { strRoomId, permissions: privilegeMap }),
  };
}

const verified = vectors.filter((vector) => outcomeOf(vector) === 'verified');
const refused = vectors.filter((vector) => outcomeOf(vector) !== 'verified');

test('there are 211 vectors, and 20 of them are refused, all for a lossy userbuf', () => {
  expect(vectors).toHaveLength(211);
  expect(refused).toHaveLength(20);
  expect(new Set(refused.flatMap(({ quirks }) => quirks))).toEqual(
    new Set(['userbuf-utf16-low-byte', 'userbuf-latin1', 'userbuf-utf16-truncated']),
  );
});

test.each(verified)('$id of $implementation verifies $quirks', (vector) => {
  expect(verify(vector)).toEqual(claimsOf(vector));
});

test.each(refused)('$id of $implementation is refused for its quirk $quirks', (vector) => {
  expect(() => verify(vector)).toThrow(expect.objectContaining({ reason: outcomeOf(vector) }));
});

test('each is good in its last second and expired one later', () => {
  for (const vector of verified) {
    const last = vector.now + vector.expire;
    expect(verify(vector, { now: last }).expiresAt).toBe(last);
    expect(() => verify(vector, { now: last + 1 })).toThrow(expect.objectContaining({ reason: 'expired' }));
  }
});

test('each is forged under another key', () => {
  for (const vector of vectors) {
    const secretKeys = `${vector.secretKey}x`;
    expect(() => verify(vector, { secretKeys })).toThrow(expect.objectContaining({ reason: 'forged' }));
  }
});

test('the issuer makes for each input what the libraries agree on', () => {
  const ordinary = vectors.filter(({ quirks }) => quirks.length === 0);
  for (const vector of ordinary) {
    const ticket = issue(vector);
    const theirs = readTicket(vector.ticket);
    expect(readTicket(ticket)).toEqual(theirs);
    expect(signatureOf(theirs, vector.secretKey)).toBe(theirs['TLS.sig']);
    expect(decodeTicket(ticket)).toEqual(decodeTicket(vector.ticket));
    const userbuf = readTicket(ticket)['TLS.userbuf'];
    expect(userbuf && Buffer.from(userbuf, 'base64').toString('hex')).toBe(vector.userbufHex);
  }
  expect(new Set(ordinary.map((vector) => vector.case)).size).toBe(31);
});

function issue({
  sdkAppId,
  secretKey,
  now,
  userId,
  expire,
  roomId,
  strRoomId,
  privilegeMap = 0,
}: Vector): string {
  const issuer = new TicketIssuer({ sdkAppId, secretKey, now });
  if (roomId !== undefined) return issuer.genPrivateMapKey(userId, expire, roomId, privilegeMap);
  if (strRoomId === undefined) return issuer.genUserSig(userId, expire);
  return issuer.genPrivateMapKeyWithStringRoomID(userId, expire, strRoomId, privilegeMap);
}
