import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** The ticket text of any bytes, in the base64 of tickets, without any check. */
export function toTicketBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');
}

/** A ticket with any text or bytes inside, compressed at the given level. */
export function sealJson(json: string | Uint8Array, level = 6): string {
  return toTicketBase64(deflateSync(json, { level }));
}

/** The bytes that {@link toTicketBase64} was given. */
export function fromTicketBase64(ticket: string): Buffer {
  return Buffer.from(ticket.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '='), 'base64');
}

/** The members of a ticket that is signed as it stands, whatever it says. */
export function signedMembers(
  secretKey: string,
  { userId, sdkAppId, time, expire, userbuf }: SignedMembers,
): Record<string, string | number> {
  const lines = `TLS.identifier:${userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
  const text = userbuf === undefined ? lines : `${lines}TLS.userbuf:${userbuf}\n`;
  return {
    'TLS.ver': '2.0',
    'TLS.identifier': userId,
    'TLS.sdkappid': sdkAppId,
    'TLS.time': time,
    'TLS.expire': expire,
    ...(userbuf !== undefined && { 'TLS.userbuf': userbuf }),
    'TLS.sig': createHmac('sha256', secretKey).update(text).digest('base64'),
  };
}

export interface SignedMembers {
  readonly userId: string;
  readonly sdkAppId: number;
  readonly time: number;
  readonly expire: number;
  readonly userbuf?: string;
}
