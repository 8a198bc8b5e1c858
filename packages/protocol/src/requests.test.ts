import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { limits } from './limits.ts';
import { type RequestName, requests } from './requests.ts';

const accepts = (name: RequestName, params: unknown): boolean =>
  requests[name].params.safeParse(params).success;

const text = (length: number) => 'x'.repeat(length);
const list = <T>(length: number, entry: T): T[] => Array.from({ length }, () => entry);

const entry = { sdkAppId: 1, userId: 'ana', userSig: 'sig', strRoomId: 'room' };
const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 };
const rtpParameters = { codecs: [opus], encodings: [{ ssrc: 1 }] };
const published = { transportId: 't', slot: 'microphone', rtpParameters };
const bytes = (count: number) => list(count, 'AB').join(':');
const fingerprint = { algorithm: 'sha-256', value: bytes(32) };
const dtlsParameters = { role: 'client', fingerprints: [fingerprint] };

const smallest: Record<RequestName, object> = {
  enter: entry,
  resume: { sdkAppId: 1, strRoomId: 'room', memberId: 'm', secret: 's' },
  confirmResume: { secret: 's' },
  openTransport: { direction: 'send' },
  connectTransport: { transportId: 't', dtlsParameters },
  restartIce: { transportId: 't' },
  publish: published,
  setMuted: { trackId: 't', muted: true },
  unpublish: { trackId: 't' },
  subscribe: { userId: 'ana', slot: 'camera' },
  unsubscribe: { userId: 'ana', slot: 'camera' },
  consumerReady: { consumerId: 'c' },
  switchRole: { role: 'anchor' },
  updatePrivateMapKey: { privateMapKey: 'key' },
  changeAuthority: { authBits: 255 },
  exit: {},
};

const cases = Object.entries(smallest) as [RequestName, Record<string, unknown>][];

test.each(cases)('%s takes its smallest parameters, and none of them may be missing', (name, params) => {
  expect(accepts(name, params)).toBe(true);
  const optional = name === 'enter' || name === 'resume' ? ['strRoomId'] : [];
  for (const field of Object.keys(params).filter((key) => !optional.includes(key))) {
    const { [field]: _, ...without } = params;
    expect(accepts(name, without), `without ${field}`).toBe(false);
  }
});

test.each(cases)('%s takes no other type for any of its parameters', (name, params) => {
  for (const [field, value] of Object.entries(params)) {
    // Bits may be text too, for those that no number can hold.
    const otherType = field === 'authBits' ? true : typeof value === 'string' ? 7 : 'text';
    const wrong = [null, {}, [], otherType, Number.NaN];
    for (const other of wrong) expect(accepts(name, { ...params, [field]: other }), field).toBe(false);
  }
});

test('defaults are those of a video call', () => {
  expect(requests.enter.params.parse(entry)).toMatchObject({
    scene: 'rtc',
    role: 'anchor',
    autoReceive: { audio: true, video: false },
  });
  expect(requests.publish.params.parse(published)).toMatchObject({ muted: false });
});

describe('what is too long or too much is refused, what is just within passes', () => {
  const withEntry = (more: object) => ({ ...entry, ...more });
  const withRtp = (more: object) => ({ ...published, rtpParameters: { ...rtpParameters, ...more } });
  const extension = { uri: 'urn:x', id: 1 };
  const capability = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000 };
  const fingerprints = (count: number) => ({
    transportId: 't',
    dtlsParameters: { fingerprints: list(count, fingerprint) },
  });

  const bounds: [string, RequestName, (size: number) => object, number][] = [
    ['UserSig', 'enter', (n) => withEntry({ userSig: text(n) }), limits.ticketLength],
    ['PrivateMapKey', 'enter', (n) => withEntry({ privateMapKey: text(n) }), limits.ticketLength],
    ['user id', 'enter', (n) => withEntry({ userId: text(n) }), 128],
    ['string room id', 'enter', (n) => withEntry({ strRoomId: text(n) }), 256],
    ['authBits text', 'enter', (n) => withEntry({ authBits: text(n) }), 24],
    [
      'codecs to receive',
      'enter',
      (n) => withEntry({ rtpCapabilities: { codecs: list(n, capability) } }),
      64,
    ],
    ['resume secret', 'confirmResume', (n) => ({ secret: text(n) }), 128],
    ['transport id', 'restartIce', (n) => ({ transportId: text(n) }), 64],
    ['track id', 'unpublish', (n) => ({ trackId: text(n) }), 64],
    ['consumer id', 'consumerReady', (n) => ({ consumerId: text(n) }), 64],
    ['fingerprints', 'connectTransport', fingerprints, 8],
    ['header extension', 'publish', (n) => withRtp({ headerExtensions: [{ uri: text(n), id: 1 }] }), 128],
    ['msid', 'publish', (n) => withRtp({ msid: text(n) }), 256],
    ['codecs', 'publish', (n) => withRtp({ codecs: list(n, opus) }), 32],
    ['encodings', 'publish', (n) => withRtp({ encodings: list(n, { ssrc: 1 }) }), 8],
    ['header extensions', 'publish', (n) => withRtp({ headerExtensions: list(n, extension) }), 32],
    ['mid', 'publish', (n) => withRtp({ mid: text(n) }), 32],
    ['rid', 'publish', (n) => withRtp({ encodings: [{ rid: text(n) }] }), 16],
    ['cname', 'publish', (n) => withRtp({ rtcp: { cname: text(n) } }), 256],
    [
      'codec parameter',
      'publish',
      (n) => withRtp({ codecs: [{ ...opus, parameters: { a: text(n) } }] }),
      256,
    ],
    [
      'codec parameter name',
      'publish',
      (n) => withRtp({ codecs: [{ ...opus, parameters: { [text(n)]: 1 } }] }),
      64,
    ],
    [
      'codec parameters',
      'publish',
      (n) =>
        withRtp({
          codecs: [{ ...opus, parameters: Object.fromEntries(list(n, 1).map((one, i) => [`p${i}`, one])) }],
        }),
      32,
    ],
    ['codec name', 'publish', (n) => withRtp({ codecs: [{ ...opus, mimeType: `audio/${text(n)}` }] }), 32],
    ['ssrc', 'publish', (n) => withRtp({ encodings: [{ ssrc: n }] }), 2 ** 32 - 1],
    ['bitrate', 'publish', (n) => withRtp({ encodings: [{ ssrc: 1, maxBitrate: n }] }), 2 ** 32 - 1],
    ['clock rate', 'publish', (n) => withRtp({ codecs: [{ ...opus, clockRate: n }] }), 2 ** 32 - 1],
    [
      'clock rate to receive',
      'enter',
      (n) => withEntry({ rtpCapabilities: { codecs: [{ ...capability, clockRate: n }] } }),
      2 ** 32 - 1,
    ],
    [
      'number of a codec parameter',
      'publish',
      (n) => withRtp({ codecs: [{ ...opus, parameters: { a: n } }] }),
      2 ** 31 - 1,
    ],
    ['payload type', 'publish', (n) => withRtp({ codecs: [{ ...opus, payloadType: n }] }), 127],
    ['extension id', 'publish', (n) => withRtp({ headerExtensions: [{ ...extension, id: n }] }), 255],
    [
      'spatial layer',
      'subscribe',
      (n) => ({ userId: 'ana', slot: 'camera', spatialLayer: n }),
      limits.encodings.camera - 1,
    ],
  ];

  test.each(bounds)('%s', (_, name, params, most) => {
    expect(accepts(name, params(most))).toBe(true);
    expect(accepts(name, params(most + 1))).toBe(false);
  });
});

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A schema and everything in it, each with its path: `a.b` in an object, `a[]` in a list, `a{}` in a record. */
function* within(schema: JsonSchema, path: string): Generator<[path: string, JsonSchema]> {
  yield [path, schema];
  const { properties = {}, items, additionalProperties, propertyNames, anyOf = [] } = schema;
  for (const [key, value] of Object.entries(properties)) yield* within(value as JsonSchema, `${path}.${key}`);
  for (const option of anyOf) yield* within(option as JsonSchema, path);
  if (items) yield* within(items as JsonSchema, `${path}[]`);
  if (additionalProperties) yield* within(additionalProperties as JsonSchema, `${path}{}`);
  if (propertyNames) yield* within(propertyNames as JsonSchema, `${path} names`);
}

/** Everything in the parameters of a request. */
const everythingIn = (name: RequestName): [string, JsonSchema][] => [
  ...within(z.toJSONSchema(requests[name].params, { io: 'input' }), name),
];

test.each(cases)('no text and no list in the parameters of %s is without a bound', (name) => {
  const unbounded = everythingIn(name).filter(([, { type, ...schema }]) => {
    const bound = schema.maxLength ?? schema.maxItems ?? schema.enum ?? schema.const ?? schema.pattern;
    return (type === 'string' || type === 'array') && bound === undefined;
  });
  expect(unbounded.map(([path]) => path)).toEqual([]);
});

describe('a number that goes to the media engine has the type and range of the engine’s messages', () => {
  const engineSees = /rtpParameters|rtpCapabilities|spatialLayer/;
  const numbers = cases
    .flatMap(([name]) => everythingIn(name))
    .filter(([path, { type }]) => engineSees.test(path) && (type === 'number' || type === 'integer'));

  test('whole and of at most 32 bits, but for fractions among the parameters of codecs', () => {
    expect(numbers.length).toBeGreaterThan(15);
    for (const [path, { type, minimum = -Infinity, maximum = Infinity }] of numbers) {
      if (path.endsWith('parameters{}') && type === 'number') continue;
      expect(type, path).toBe('integer');
      const least = path.endsWith('parameters{}') ? -(2 ** 31) : 0;
      expect(minimum, path).toBeGreaterThanOrEqual(least);
      expect(maximum, path).toBeLessThanOrEqual(least + 2 ** 32 - 1);
    }
  });

  const takes = (more: object) =>
    accepts('publish', { ...published, rtpParameters: { ...rtpParameters, ...more } });

  test.each([40_000.5, 5e-324, 1000 / 3, 0, -0, -1, 2 ** 32, 2 ** 53, 1e308, '40000', null])(
    'a bitrate of %s is none',
    (maxBitrate) => expect(takes({ encodings: [{ ssrc: 5, maxBitrate }] })).toBe(false),
  );

  test.each([2 ** 31, -(2 ** 31) - 1, 2 ** 40, 1e308, true, null, [1], {}])(
    'a codec parameter %j is refused, which the engine would change or not take',
    (value) => {
      expect(takes({ codecs: [{ ...opus, parameters: { x: value } }] })).toBe(false);
      const extension = { uri: 'urn:x', id: 1, parameters: { x: value } };
      expect(takes({ headerExtensions: [extension] })).toBe(false);
    },
  );

  test.each([2 ** 31 - 1, -(2 ** 31), 0, -0, 0.5, -1.5, 5e-324, '', '42e01f'])(
    'a codec parameter %j is taken',
    (value) => expect(takes({ codecs: [{ ...opus, parameters: { x: value } }] })).toBe(true),
  );

  test('names of codec parameters are not empty', () => {
    expect(takes({ codecs: [{ ...opus, parameters: { '': 1 } }] })).toBe(false);
  });
});

describe('a fingerprint', () => {
  const takes = (algorithm: string, value: string) =>
    accepts('connectTransport', {
      transportId: 't',
      dtlsParameters: { fingerprints: [{ algorithm, value }] },
    });
  const lengths = { 'sha-1': 20, 'sha-224': 28, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 };

  test.each(Object.entries(lengths))('of %s has %i bytes', (algorithm, length) => {
    for (const count of Object.values(lengths))
      expect(takes(algorithm, bytes(count)), `${count}`).toBe(count === length);
    for (const count of [length - 1, length + 1, 1]) expect(takes(algorithm, bytes(count))).toBe(false);
  });

  test.each([
    '',
    'zz',
    'AB',
    ':',
    bytes(32).toLowerCase(),
    bytes(32).replaceAll(':', ''),
    bytes(32).replaceAll(':', '-'),
    `${bytes(31)}:A`,
    `${bytes(31)}:ABC`,
    `${bytes(31)}:GG`,
    `${bytes(32)}:`,
    `${bytes(31)}:\u0660\u0660`,
    ` ${bytes(31)}:A`,
    `${bytes(31)}:A\n`,
    `sha-256 ${bytes(29)}`,
    '0'.repeat(95),
    '\0'.repeat(95),
  ])('%j is none', (value) => {
    expect(takes('sha-256', value)).toBe(false);
  });

  test.each(['md5', 'SHA-256', 'sha-3', ''])('of %j is none', (algorithm) => {
    expect(takes(algorithm, bytes(32))).toBe(false);
  });
});

describe('a text that reaches the engine is of the characters that it is made of', () => {
  const withRtp = (more: object) => ({ ...published, rtpParameters: { ...rtpParameters, ...more } });
  const receiving = (more: object) => ({ ...entry, rtpCapabilities: { codecs: [], ...more } });
  const kind = 'audio';
  const texts: [string, RequestName, (value: string) => object, string][] = [
    ['mid', 'publish', (mid) => withRtp({ mid }), 'a-0.~'],
    ['rid', 'publish', (value) => withRtp({ encodings: [{ rid: value }] }), 'r_0-a'],
    ['cname', 'publish', (cname) => withRtp({ rtcp: { cname } }), '{ab/c+d}'],
    ['msid', 'publish', (msid) => withRtp({ msid }), '- {a}'],
    ['extension', 'publish', (uri) => withRtp({ headerExtensions: [{ uri, id: 1 }] }), 'urn:x:y'],
    [
      'extension to receive',
      'enter',
      (uri) => receiving({ headerExtensions: [{ kind, uri, preferredId: 1 }] }),
      'http://x/y',
    ],
    ['codec', 'publish', (mimeType) => withRtp({ codecs: [{ ...opus, mimeType }] }), 'audio/opus'],
    [
      'feedback',
      'publish',
      (type) => withRtp({ codecs: [{ ...opus, rtcpFeedback: [{ type }] }] }),
      'transport-cc',
    ],
    [
      'parameter of a feedback',
      'publish',
      (parameter) => withRtp({ codecs: [{ ...opus, rtcpFeedback: [{ type: 'nack', parameter }] }] }),
      'pli',
    ],
  ];

  test.each(texts)('%s', (_, name, params, good) => {
    expect(accepts(name, params(good))).toBe(true);
    for (const bad of ['\0', '\r\na=x', '\n', '\t', '\u007f', 'é', '\u2028', '\ud800', '🦊'])
      expect(accepts(name, params(good + bad)), JSON.stringify(bad)).toBe(false);
  });

  test.each(texts.filter(([what]) => !/cname|msid|parameter/.test(what)))(
    '%s is not empty',
    (_, name, params) => {
      expect(accepts(name, params(''))).toBe(false);
    },
  );
});

test('a codec is named as audio or video and nothing else', () => {
  for (const mimeType of [
    'text/plain',
    'audio/',
    '/opus',
    'opus',
    'video/VP8\r\na=x',
    'application/audio/x',
  ]) {
    const codecs = [{ ...opus, mimeType }];
    expect(accepts('publish', { ...published, rtpParameters: { ...rtpParameters, codecs } }), mimeType).toBe(
      false,
    );
  }
});

test('a stream has at most three layers of each sort, as browsers name them', () => {
  const takes = (scalabilityMode: string) =>
    accepts('publish', {
      ...published,
      rtpParameters: { ...rtpParameters, encodings: [{ ssrc: 1, scalabilityMode }] },
    });
  for (const mode of ['L1T1', 'L1T3', 'L3T3_KEY', 'L2T2_KEY_SHIFT', 'L3T2h', 'S3T3'])
    expect(takes(mode), mode).toBe(true);
  for (const mode of ['', 'L99T99', 'L4T1', 'L1T0', 'L1T1\r\na=x', 'T3', 'L3T3_KEY9'])
    expect(takes(mode), mode).toBe(false);
});

test('a track has a codec and an encoding', () => {
  for (const lack of [{ codecs: [] }, { encodings: [] }]) {
    expect(accepts('publish', { ...published, rtpParameters: { ...rtpParameters, ...lack } })).toBe(false);
  }
});
