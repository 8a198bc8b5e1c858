import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Api } from 'tls-sig-api-v2';
import {
  decodeTicket,
  TicketError,
  type TicketErrorReason,
  TicketIssuer,
  type UserSigClaims,
  verifyPrivateMapKey,
  verifyUserSig,
} from '../index.ts';
import { type Edit, type Layer, type Mutation, mutate, type Original } from './mutation.ts';
import { readTicket } from './published-algorithm.ts';

const sdkAppId = 1_400_000_000;
const secretKeys = ['the old key', 'the new key'];
const now = 1_700_000_000;

const originals = makeOriginals();
const claimsOf = originals.map(({ ticket }) => JSON.stringify(claimsAsItAsks(ticket)));

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  layer: fc.constantFrom<Layer>(
    'characters',
    'stream',
    'json',
    'members',
    'userbuf',
    'values',
    'values',
    'values',
  ),
  original: fc.nat(originals.length - 1),
  donor: fc.nat(originals.length - 1),
  level: fc.constantFrom(0, 1, 6),
  edits: fc.array(
    fc.record({
      how: fc.constantFrom<Edit['how']>('set', 'flip', 'insert', 'delete', 'take', 'double'),
      at: fc.nat(0xffff),
      byte: fc.nat(0xff),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

/**
 * What became of a mutant: its refusal, or the claims of the ticket that it was made of, or others. A mutant that took
 * so much from its donor that it has become that very ticket, member for member, may say what that one says.
 */
export function outcomeOf(mutation: Mutation): TicketErrorReason | 'old claims' | 'new claims' {
  const ticket = mutate(mutation, originals);
  try {
    const claims = JSON.stringify(claimsAsItAsks(ticket));
    const isOld =
      claims === claimsOf[mutation.original] ||
      (claims === claimsOf[mutation.donor] && isDonor(ticket, mutation));
    return isOld ? 'old claims' : 'new claims';
  } catch (error) {
    if (error instanceof TicketError) return error.reason;
    throw error;
  }
}

/** An expiry that is left out is 0, as the signed text has it. */
function isDonor(ticket: string, { donor }: Mutation): boolean {
  const { 'TLS.expire': expire = 0, ...others } = readTicket(ticket);
  return isDeepStrictEqual({ 'TLS.expire': expire, ...others }, originals[donor]?.members);
}

/** Verifies a ticket for the very user, room and time that it names, as an attacker would have it. */
function claimsAsItAsks(ticket: string): UserSigClaims {
  const decoded = decodeTicket(ticket);
  const options = { sdkAppId, userId: decoded.userId, secretKeys, now: decoded.issuedAt };
  if (!decoded.userbuf) return verifyUserSig(ticket, options);
  const { roomId, strRoomId } = decoded.userbuf;
  if (strRoomId !== undefined) return verifyPrivateMapKey(ticket, { ...options, strRoomId });
  return verifyPrivateMapKey(ticket, { ...options, roomId: roomId ?? 0 });
}

function makeOriginals(): Original[] {
  const tickets: string[] = [];
  for (const secretKey of secretKeys) {
    const issuer = new TicketIssuer({ sdkAppId, secretKey, now });
    for (const userId of ['alice', '学生', 'a"\\b/</c', '\ufffd']) {
      tickets.push(issuer.genUserSig(userId, 600), issuer.genUserSig(userId, 0));
      tickets.push(issuer.genPrivateMapKey(userId, 600, 123, 255), issuer.genPrivateMapKey(userId, 60, 7, 2));
      tickets.push(issuer.genPrivateMapKeyWithStringRoomID(userId, 600, '123', 255));
      tickets.push(issuer.genPrivateMapKeyWithStringRoomID(userId, 60, '会议', 42));
    }
    const vendor = new Api(sdkAppId, secretKey);
    tickets.push(vendor.genUserSig('carol', 600), vendor.genPrivateMapKey('carol', 600, 123, 170));
  }
  return tickets.map((ticket) => ({ ticket, members: readTicket(ticket) }));
}
