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
const dtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }] };

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
  const fingerprints = (count: number, length: number) => ({
    transportId: 't',
    dtlsParameters: { fingerprints: list(count, { algorithm: 'sha-256', value: text(length) }) },
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
    ['fingerprints', 'connectTransport', (n) => fingerprints(n, 95), 8],
    ['fingerprint', 'connectTransport', (n) => fingerprints(1, n), 256],
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
      limits.cameraEncodings - 1,
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
