import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/**
 * The published algorithm once more, for the tests: written from its description, by other means than the
 * package (JSON.parse, DataView, HMAC from its definition), and importing nothing of it.
 */
export interface PlainTicket {
  'TLS.ver': string;
  'TLS.identifier': string;
  'TLS.sdkappid': number;
  'TLS.time': number;
  'TLS.expire': number;
  'TLS.userbuf'?: string;
  'TLS.sig': string;
}

export function readTicket(ticket: string): PlainTicket {
  const alphabet: Record<string, string> = { '*': '+', '-': '/', _: '=' };
  const base64 = [...ticket].map((sign) => alphabet[sign] ?? sign).join('');
  return JSON.parse(inflateSync(Buffer.from(base64, 'base64')).toString('utf8')) as PlainTicket;
}

/** The `TLS.sig` that the other members of a ticket should have under a key. */
export function signatureOf(ticket: PlainTicket, secretKey: string): string {
  const lines = ['TLS.identifier', 'TLS.sdkappid', 'TLS.time', 'TLS.expire', 'TLS.userbuf'] as const;
  let text = '';
  for (const name of lines) if (name in ticket) text += `${name}:${ticket[name]}\n`;
  return hmacSha256(Buffer.from(secretKey, 'utf8'), Buffer.from(text, 'utf8')).toString('base64');
}

export interface PlainUserbuf {
  version: number;
  account: string;
  sdkAppId: number;
  roomId: number;
  expiresAt: number;
  privilegeMap: number;
  accountType: number;
  strRoomId?: string;
}

export function readUserbuf(base64: string): PlainUserbuf {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const account = view.getUint16(1);
  const [sdkAppId, roomId, expiresAt, privilegeMap, accountType] = [0, 4, 8, 12, 16].map((offset) =>
    view.getUint32(3 + account + offset),
  ) as [number, number, number, number, number];
  const text = new TextDecoder('utf-8', { fatal: true });
  const fields = {
    version: view.getUint8(0),
    account: text.decode(bytes.slice(3, 3 + account)),
    ...{ sdkAppId, roomId, expiresAt, privilegeMap, accountType },
  };
  const end = 23 + account;
  if (bytes.length === end) return fields;
  const room = view.getUint16(end);
  if (bytes.length !== end + 2 + room) throw new Error('The userbuf has another length than it says.');
  return { ...fields, strRoomId: text.decode(bytes.slice(end + 2)) };
}

function hmacSha256(key: Buffer, text: Buffer): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const block = Buffer.alloc(64);
  (key.length > 64 ? sha256(key) : key).copy(block);
  const inner = sha256(
    block.map((byte) => byte ^ 0x36),
    text,
  );
  return sha256(
    block.map((byte) => byte ^ 0x5c),
    inner,
  );
}
