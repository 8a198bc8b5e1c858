import { Buffer } from 'node:buffer';
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a signature covers. Numbers are signed in decimal, text in UTF-8, the userbuf as its base64 text. */
export interface Signed {
  readonly userId: string;
  readonly sdkAppId: number;
  readonly time: number;
  readonly expire: number;
  readonly userbuf: string | undefined;
}

/** HMAC-SHA256 in standard base64, under the UTF-8 of the key's text; a key that looks like hex is not decoded. */
export function sign(signed: Signed, secretKey: string | KeyObject): string {
  return createHmac('sha256', secretKey).update(signedText(signed)).digest('base64');
}

/** The index of the first key whose signature is `sig`, or −1. `sig` has 44 characters; each comparison is in constant time. */
export function fittingKey(signed: Signed, sig: string, secretKeys: readonly string[]): number {
  const claimed = Buffer.from(sig);
  return secretKeys.findIndex((key) => timingSafeEqual(Buffer.from(sign(signed, key)), claimed));
}

/** The text that a signature covers, in the lines of the published algorithm. */
export function signedText({ userId, sdkAppId, time, expire, userbuf }: Signed): string {
  const lines = `TLS.identifier:${userId}\nTLS.sdkappid:${sdkAppId}\nTLS.time:${time}\nTLS.expire:${expire}\n`;
  return userbuf === undefined ? lines : `${lines}TLS.userbuf:${userbuf}\n`;
}
