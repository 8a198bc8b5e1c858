import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ticketFingerprint } from './fingerprint.ts';
import { TicketIssuer } from './issuer.ts';

const of = (secretKey: string, now = 1_800_000_000) =>
  new TicketIssuer({ sdkAppId: 1_400_000_001, secretKey, now });

test('the fingerprint of a UserSig is that of the lines that its signature covers', () => {
  const lines = 'TLS.identifier:ana\nTLS.sdkappid:1400000001\nTLS.time:1800000000\nTLS.expire:300\n';
  const digest = createHash('sha256').update(lines).digest('hex');
  expect(ticketFingerprint(of('a key').genUserSig('ana', 300))).toBe(digest);
});

test('the fingerprint is the same under every key, and another one for all else that is signed', () => {
  const issuer = of('a key');
  const tickets = [
    issuer.genUserSig('ana', 300),
    issuer.genUserSig('bob', 300),
    issuer.genUserSig('ana', 301),
    of('a key', 1_800_000_001).genUserSig('ana', 300),
    issuer.genPrivateMapKey('ana', 300, 1, 255),
    issuer.genPrivateMapKey('ana', 300, 2, 255),
    issuer.genPrivateMapKey('ana', 300, 1, 254),
  ];
  expect(new Set(tickets.map(ticketFingerprint)).size).toBe(tickets.length);
  expect(ticketFingerprint(of('another key').genUserSig('ana', 300))).toBe(
    ticketFingerprint(tickets[0] ?? ''),
  );
});

test('what is no ticket has no fingerprint', () => {
  expect(() => ticketFingerprint('eJyrVgrx')).toThrow(expect.objectContaining({ reason: 'malformed' }));
});
