import { Buffer } from 'node:buffer';
import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { TicketError, TicketIssuer, verifyPrivateMapKey, verifyUserSig } from './index.ts';
import { readTicket } from './testing/published-algorithm.ts';
import { fromTicketBase64, sealJson, signedMembers, toTicketBase64 } from './testing/seal-json.ts';
import { vectors } from './testing/vectors.ts';

const now = 1_700_000_000;
const sdkAppId = 1_400_000_000;
const secretKey = 'the key';
const userId = 'alice';
const options = { sdkAppId, secretKeys: secretKey, userId, now };
const members = signedMembers(secretKey, { userId, sdkAppId, time: now, expire: 600 });
const json = JSON.stringify(members);

function malformation(ticket: string): string {
  try {
    verifyUserSig(ticket, options);
  } catch (error) {
    if (error instanceof TicketError && error.reason === 'malformed') return error.message;
    throw error;
  }
  throw new Error('The ticket passed.');
}

test('the ticket that the following tests spoil is good', () => {
  expect(verifyUserSig(sealJson(json), options)).toMatchObject({ userId, expiresAt: now + 600 });
});

describe('base64', () => {
  const ticket = sealJson(json);
  const padded =
    [0, 1, 2].map((count) => sealJson(json + ' '.repeat(count), 0)).find((text) => text.endsWith('_')) ?? '';

  test.each([
    ['an empty text', ''],
    ['a character of none', `!${ticket.slice(1)}`],
    ['a space before', ` ${ticket}`],
    ['a newline behind', `${ticket}\n`],
    ['padding left out', padded.replace(/_+$/, '')],
    ['padding too much', `${padded}____`],
    ['a cut', ticket.slice(0, -1)],
    ['standard base64', deflateSync(json).toString('base64')],
    ['base64url', deflateSync(json).toString('base64url')],
  ])('%s is malformed', (_, text) => {
    expect(malformation(text)).toMatch(/base64|empty/);
  });

  test('bits that padding hides must be zero', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-';
    const at = padded.search(/_+$/) - 1;
    const spoilt = alphabet[alphabet.indexOf(padded.charAt(at)) ^ 1];
    expect(malformation(`${padded.slice(0, at)}${spoilt}${padded.slice(at + 1)}`)).toMatch(/base64/);
  });

  test.each([null, undefined, 7, {}, ['eJyr']])('%j, which is no text, is malformed', (value) => {
    expect(malformation(value as unknown as string)).toMatch(/empty/);
  });
});

describe('zlib', () => {
  test.each([
    ['no stream', toTicketBase64(Buffer.from(json))],
    ['a gzip stream', toTicketBase64(gzipSync(json))],
    ['a raw deflate stream', toTicketBase64(deflateRawSync(json))],
    ['a cut stream', toTicketBase64(deflateSync(json).subarray(0, -1))],
    ['a cut stored stream', toTicketBase64(deflateSync(json, { level: 0 }).subarray(0, -1))],
    [
      'a flushed stream without an end',
      toTicketBase64(deflateSync(json, { finishFlush: constants.Z_SYNC_FLUSH })),
    ],
    ['a wrong checksum', toTicketBase64(spoilLastByte(deflateSync(json)))],
    ['a wrong checksum of a stored stream', toTicketBase64(spoilLastByte(deflateSync(json, { level: 0 })))],
    ['a preset dictionary', toTicketBase64(deflateSync(json, { dictionary: Buffer.from('TLS.') }))],
  ])('%s is malformed', (_, ticket) => {
    expect(malformation(ticket)).toMatch(/is not a zlib stream/);
  });

  test.each([0, 1, 6])('nothing may follow the stream (level %i)', (level) => {
    const stream = deflateSync(json, { level });
    for (const behind of [Buffer.from([0]), stream, Buffer.alloc(5000)]) {
      expect(malformation(toTicketBase64(Buffer.concat([stream, behind])))).toMatch(
        /something follows its zlib/,
      );
    }
  });

  test('16 KiB of text pass in and 16 KiB out, and not one byte more', () => {
    const filled = (bytes: number) => json + ' '.repeat(bytes - json.length);
    expect(verifyUserSig(sealJson(filled(16_384)), options).userId).toBe(userId);
    expect(malformation(sealJson(filled(16_385)))).toMatch(/inflates to more than 16 KiB/);
    const long = sealJson(filled(12_288 - 11), 0);
    expect(long).toHaveLength(16_384);
    expect(verifyUserSig(long, options).userId).toBe(userId);
    expect(malformation(sealJson(filled(12_288 - 10), 0))).toMatch(/longer than 16 KiB/);
  });

  test('a zip bomb is refused by its size', () => {
    const bomb = sealJson(Buffer.alloc(11_000_000), 9);
    expect(bomb.length).toBeLessThanOrEqual(16_384);
    expect(malformation(bomb)).toMatch(/inflates to more than 16 KiB/);
  });

  test('inflating stops within 2 KiB of the limit: an error that lies further in is never reached', () => {
    const spoiltAfter = (bytes: number) => {
      const head = deflateSync(Buffer.alloc(bytes, ' '), { finishFlush: constants.Z_FULL_FLUSH });
      return toTicketBase64(Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff])]));
    };
    expect(malformation(spoiltAfter(16_384 - 1024))).toMatch(/is not a zlib stream/);
    expect(malformation(spoiltAfter(16_384 + 2048))).toMatch(/inflates to more than 16 KiB/);
  });
});

describe('JSON', () => {
  const without = (name: string) => JSON.stringify({ ...members, [name]: undefined });
  const withText = (name: string, text: string) => json.replace(JSON.stringify(members[name]), text);

  test('space, order and escapes are free, as the libraries differ in them', () => {
    const spaced = JSON.stringify(Object.fromEntries(Object.entries(members).reverse()), null, '\t\r\n ');
    const escaped = json.replace('alice', '\\u0061l\\u0069ce').replaceAll('/', '\\/');
    for (const text of [spaced, escaped, ` \r\n\t${json}\n`]) {
      expect(verifyUserSig(sealJson(text), options).userId).toBe(userId);
    }
  });

  test.each([
    ['nothing', ''],
    ['space', ' '],
    ['no JSON', 'TLS.ver'],
    ['a list', `[${json}]`],
    ['a text', JSON.stringify(json)],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['two objects', json + json],
    ['a comma at the end', json.replace('}', ',}')],
    ['a comma at the start', json.replace('{', '{,')],
    ['a missing end', json.slice(0, -1)],
    ['a byte order mark', `\ufeff${json}`],
    ['a comment', `/**/${json}`],
    ['a space that JSON does not know', `\u00a0${json}`],
    ['an object as a value', withText('TLS.time', '{"a":1}')],
    ['a list as a value', withText('TLS.time', '[1]')],
    ['a list as a value of a further member', json.replace('{', '{"x":[[]],')],
    ['a further member', json.replace('{', '{"x":1,')],
    ['a member with an escaped name', json.replace('TLS.ver', 'TLS\\u002ever')],
    ['a name of other case', json.replace('TLS.ver', 'tls.ver')],
    ['a bare name', json.replace('"TLS.ver"', 'TLS.ver')],
    ['true as a value', withText('TLS.time', 'true')],
    ['null as a value', withText('TLS.time', 'null')],
    ['a number as a text', withText('TLS.time', `"${now}"`)],
    ['a text as a number', withText('TLS.identifier', '7')],
    ['a number as a version', withText('TLS.ver', '2.0')],
    ['version 2', withText('TLS.ver', '"2"')],
    ['version 1.0', withText('TLS.ver', '"1.0"')],
    ['a version with space', withText('TLS.ver', '"2.0 "')],
    ['a number with a point', withText('TLS.time', `${now}.0`)],
    ['a number with an exponent', withText('TLS.time', '17e8')],
    ['a number with a leading zero', withText('TLS.time', `0${now}`)],
    ['a number with a sign', withText('TLS.time', `+${now}`)],
    ['a negative number', withText('TLS.time', `-${now}`)],
    ['a number past all whole numbers', withText('TLS.time', '9007199254740993')],
    ['a raw control character', withText('TLS.identifier', '"al\tice"')],
    ['an escape that JSON does not know', withText('TLS.identifier', '"\\alice"')],
    ['half an escape', withText('TLS.identifier', '"\\u00"')],
    ['a signature of 31 bytes', withText('TLS.sig', `"${Buffer.alloc(31).toString('base64')}"`)],
    ['a signature without padding', json.replace('="', '"')],
    ['a signature in base64url', withText('TLS.sig', `"${Buffer.alloc(32, 255).toString('base64url')}="`)],
    ['a userbuf that is not base64', json.replace('{', '{"TLS.userbuf":"A",')],
    ['a userbuf that is not canonical', json.replace('{', '{"TLS.userbuf":"AB==",')],
    ['a userbuf that is a number', json.replace('{', '{"TLS.userbuf":0,')],
    ...['TLS.ver', 'TLS.identifier', 'TLS.sdkappid', 'TLS.time', 'TLS.sig'].map((name) => [
      `no ${name}`,
      without(name),
    ]),
  ] as [string, string][])('%s is malformed', (_, text) => {
    expect(text).not.toBe(json);
    expect(malformation(sealJson(text))).toMatch(/not well formed/);
  });

  test.each(Object.keys(members))('%s twice is malformed, even with the same value', (name) => {
    expect(malformation(sealJson(json.replace('{', `{"${name}":${JSON.stringify(members[name])},`)))).toMatch(
      /twice/,
    );
  });

  test('bytes that are not UTF-8 are malformed', () => {
    const bytes = Buffer.from(json.replace('alice', 'al\xefce'), 'latin1');
    expect(malformation(sealJson(bytes))).toMatch(/UTF-8/);
  });

  test('a user id that names an object property is only a user id', () => {
    const issuer = new TicketIssuer({ sdkAppId, secretKey, now });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(verifyUserSig(issuer.genUserSig(name, 60), { ...options, userId: name }).userId).toBe(name);
    }
  });
});

describe('every byte of an issued ticket counts', () => {
  const issuer = new TicketIssuer({ sdkAppId, secretKey, now });
  const masks = [1, 2, 4, 8, 16, 32, 64, 128, 255];

  test.each([
    ['UserSig', issuer.genUserSig(userId, 600), verifyUserSig],
    ['PrivateMapKey', issuer.genPrivateMapKey(userId, 600, 123, 255), verifyPrivateMapKey],
  ])('of a %s, of its stream and of its JSON, each changed byte is refused', (_, ticket, verify) => {
    expect(verify(ticket, { ...options, roomId: 123 }).userId).toBe(userId);
    const layers: [Buffer, (bytes: Buffer) => string][] = [
      [Buffer.from(ticket, 'latin1'), (bytes) => bytes.toString('latin1')],
      [fromTicketBase64(ticket), toTicketBase64],
      [Buffer.from(JSON.stringify(readTicket(ticket))), (bytes) => sealJson(bytes, 0)],
    ];
    for (const [good, seal] of layers) {
      const passed = changesOf(good, masks).filter((bytes) => passes(seal(bytes), verify));
      expect(passed).toEqual([]);
    }
  });

  function changesOf(good: Buffer, changes: readonly number[]): Buffer[] {
    return [...good.entries()].flatMap(([index, byte]) =>
      changes.map((mask) => {
        const bytes = Buffer.from(good);
        bytes[index] = byte ^ mask;
        return bytes;
      }),
    );
  }

  function passes(ticket: string, verify: typeof verifyUserSig | typeof verifyPrivateMapKey): boolean {
    try {
      verify(ticket, { ...options, roomId: 123 });
      return true;
    } catch (error) {
      if (error instanceof TicketError) return false;
      throw error;
    }
  }
});

test('every prefix of a ticket of every library is malformed', () => {
  for (const { ticket } of vectors.filter((vector) => vector.case === 's11')) {
    for (let length = 0; length < ticket.length; length++) malformation(ticket.slice(0, length));
  }
});

function spoilLastByte(stream: Buffer): Buffer {
  stream[stream.length - 1] = (stream[stream.length - 1] ?? 0) ^ 1;
  return stream;
}
