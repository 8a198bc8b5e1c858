import { deflateSync } from 'node:zlib';

/**
 * A ticket as the vendor's libraries would write it for the user id `a⏎b`, which can imitate the lines of the signed
 * text; with `userbuf` it is a PrivateMapKey. Nobody has signed it: it must be refused before that matters.
 */
export function unsafeTicket(sdkAppId: number, { userbuf = false } = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const document = {
    'TLS.ver': '2.0',
    'TLS.identifier': 'a\nb',
    'TLS.sdkappid': sdkAppId,
    'TLS.time': now,
    'TLS.expire': 300,
    ...(userbuf ? { 'TLS.userbuf': Buffer.alloc(30).toString('base64') } : {}),
    'TLS.sig': Buffer.alloc(32).toString('base64'),
  };
  const text = deflateSync(JSON.stringify(document)).toString('base64');
  return text.replaceAll('+', '*').replaceAll('/', '-').replaceAll('=', '_');
}
