import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { adminMethods } from './admin.ts';
import { readBounded } from './bounded.ts';
import { type RequestName, requests } from './requests.ts';

/** How many values of an object or list of `size` bad elements are read. */
function looksInto(schema: z.ZodType, at: (many: object) => object, many: object): number {
  let looks = 0;
  const counted = new Proxy(many, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (Array.isArray(value) && value.length === 0) looks++;
      return value;
    },
  });
  expect(readBounded(schema, at(counted)).success).toBe(false);
  return looks;
}

const badList = (size: number) => Array.from({ length: size }, () => []);
const badRecord = (size: number) => Object.fromEntries(badList(size).map((bad, i) => [`p${i}`, bad]));

const opus = { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, payloadType: 111 };
const entry = { sdkAppId: 1, userId: 'a', userSig: 'x' };
const receiving = (rtpCapabilities: object) => ({ ...entry, rtpCapabilities });
const sending = (rtpParameters: object) => ({
  transportId: 't',
  slot: 'camera',
  rtpParameters: { codecs: [opus], encodings: [{ ssrc: 1 }], ...rtpParameters },
});

const places: [string, RequestName, (many: object) => object, (size: number) => object][] = [
  ['codecs to receive', 'enter', (codecs) => receiving({ codecs }), badList],
  [
    'parameters of a codec to receive',
    'enter',
    (parameters) => receiving({ codecs: [{ ...opus, parameters }] }),
    badRecord,
  ],
  [
    'feedback of a codec to receive',
    'enter',
    (rtcpFeedback) => receiving({ codecs: [{ ...opus, rtcpFeedback }] }),
    badList,
  ],
  [
    'extensions to receive',
    'enter',
    (headerExtensions) => receiving({ codecs: [], headerExtensions }),
    badList,
  ],
  ['codecs', 'publish', (codecs) => sending({ codecs }), badList],
  ['encodings', 'publish', (encodings) => sending({ encodings }), badList],
  [
    'parameters of an extension',
    'publish',
    (parameters) => sending({ headerExtensions: [{ uri: 'u', id: 1, parameters }] }),
    badRecord,
  ],
  [
    'fingerprints',
    'connectTransport',
    (fingerprints) => ({ transportId: 't', dtlsParameters: { fingerprints } }),
    badList,
  ],
];

describe('of a message that is too large nothing is looked at, however large it is', () => {
  test.each(places)('%s', (_, name, at, many) => {
    expect(looksInto(requests[name].params, at, many(14_500))).toBe(0);
  });
});

test.each(places)('reading ends at the first fault: %s', (_, name, at, many) => {
  const read = readBounded(requests[name].params, at(many(8)));
  // The parameters of one codec are told together.
  expect(read.error?.issues.length).toBeLessThanOrEqual(many === badRecord ? 8 : 1);
});

test('many faults in many codecs are one fault', () => {
  const codecs = Array.from({ length: 64 }, () => ({
    ...opus,
    parameters: badRecord(32),
    rtcpFeedback: badList(16),
  }));
  const read = readBounded(requests.enter.params, {
    ...entry,
    rtpCapabilities: { codecs, headerExtensions: badList(64) },
  });
  expect(read.error?.issues.length).toBeLessThanOrEqual(32);
});

/** Every list and record inside a schema, with its path. */
function* collections(schema: z.core.$ZodType, path: string): Generator<[string, z.ZodType]> {
  const inner = schema as z.core.$ZodTypes;
  const { def } = inner._zod;
  if (def.type === 'optional' || def.type === 'default') yield* collections(def.innerType, path);
  if (def.type === 'union') for (const option of def.options) yield* collections(option, path);
  if (def.type === 'object')
    for (const [key, value] of Object.entries(def.shape)) yield* collections(value, `${path}.${key}`);
  if (def.type === 'tuple') for (const item of def.items) yield* collections(item, `${path}[]`);
  if (def.type !== 'array' && def.type !== 'record') return;
  yield [path, schema as z.ZodType];
  yield* collections(def.type === 'array' ? def.element : def.valueType, `${path}[]`);
}

const everyRequest = [...Object.entries(requests), ...Object.entries(adminMethods)];
const everyCollection = everyRequest.flatMap(([name, { params }]) => [...collections(params, name)]);

test('there are lists and records to test', () => {
  expect(everyCollection.length).toBeGreaterThan(15);
});

test.each(everyCollection)('%s is measured before its elements are looked at', (_, schema) => {
  const many = schema._zod.def.type === 'array' ? badList(20_000) : badRecord(20_000);
  expect(looksInto(schema, (counted) => counted, many)).toBe(0);
});
