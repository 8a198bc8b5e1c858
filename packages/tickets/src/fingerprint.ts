import { createHash } from 'node:crypto';
import { open } from './envelope.ts';
import { signedText } from './signature.ts';
import { parseDocument } from './ticket-document.ts';

/**
 * Names a ticket without being one: SHA-256 of its signed text, as 64 hexadecimal digits. The signature is not in it, so
 * that nobody can enter with it. **Checks nothing.**
 *
 * @throws {TicketError} `malformed` or `unsafe`, exactly where the verifiers would.
 *
 * @example
 * ```ts
 * const issuer = new TicketIssuer({ sdkAppId: 1400000001, secretKey: 'a secret' });
 * ticketFingerprint(issuer.genUserSig('ana', 60)).length; // 64
 * ```
 */
export function ticketFingerprint(ticket: string): string {
  return createHash('sha256')
    .update(signedText(parseDocument(open(ticket))))
    .digest('hex');
}
