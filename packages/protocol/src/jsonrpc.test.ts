import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorName, errors } from './errors.ts';
import {
  decodeMessage,
  encodeError,
  encodeNotice,
  encodeRequest,
  encodeResult,
  UnreadableMessage,
} from './jsonrpc.ts';
import { ServiceError } from './service-error.ts';

const refusal = (text: string): ErrorName | undefined => {
  try {
    decodeMessage(text);
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
};

const id = fc.oneof(fc.maxSafeInteger(), fc.string({ maxLength: 64 }));
const method = fc.string({ maxLength: 64 });
// Through JSON once: -0 and undefined do not survive it.
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const key = fc.string().filter((text) => text !== '__proto__');
const params = fc.dictionary(key, json, { noNullPrototype: true });

describe('what was written is read as the same', () => {
  test('requests', () => {
    fc.assert(
      fc.property(id, method, params, (requestId, name, given) => {
        const message = decodeMessage(encodeRequest(requestId, name, given));
        expect(message).toEqual({ type: 'request', id: requestId, method: name, params: given });
      }),
    );
  });

  test('notices', () => {
    fc.assert(
      fc.property(method, params, (name, given) => {
        expect(decodeMessage(encodeNotice(name, given))).toEqual({
          type: 'notice',
          method: name,
          params: given,
        });
      }),
    );
  });

  test('results, null and false among them', () => {
    fc.assert(
      fc.property(id, json, (requestId, result) => {
        expect(decodeMessage(encodeResult(requestId, result))).toEqual({
          type: 'result',
          id: requestId,
          result,
        });
      }),
    );
  });

  test('errors of every name, with the permission they are about', () => {
    const name = fc.constantFrom(...(Object.keys(errors) as ErrorName[]));
    fc.assert(
      fc.property(
        fc.option(id),
        name,
        fc.string(),
        fc.option(fc.string()),
        (requestId, code, text, about) => {
          const data = about === null ? {} : { permission: about };
          const message = decodeMessage(encodeError(requestId, new ServiceError(code, text, { data })));
          expect(message).toMatchObject({ type: 'error', id: requestId });
          const { error } = message as { error: ServiceError };
          expect([error.code, error.message]).toEqual([code, text]);
          expect(error.data.permission).toBe(about ?? undefined);
        },
      ),
    );
  });
});

test('a conflict tells which version is the current one, and of whom', () => {
  const data = { version: 7, userId: 'ana' };
  const message = decodeMessage(encodeError(1, new ServiceError('versionConflict', undefined, { data })));
  expect(message).toMatchObject({ error: { code: 'versionConflict', data } });
});

test('an error tells the numbers of its row', () => {
  const { error } = JSON.parse(encodeError(7, new ServiceError('roomFull'))) as { error: object };
  const { rpc, web, extraCode, retry } = errors.roomFull;
  expect(error).toEqual({
    code: rpc,
    message: errors.roomFull.says,
    data: { name: 'roomFull', code: web, extraCode, retry },
  });
});

test('an error without a request has the id null, as JSON-RPC asks', () => {
  expect(JSON.parse(encodeError(null, new ServiceError('parseError')))).toMatchObject({ id: null });
});

test.each(['', ' ', '{', '{"jsonrpc":"2.0"', 'enter', '{id:1}', '\u0000', '[1,', "{'a':1}"])(
  '%j is not JSON',
  (text) => {
    expect(refusal(text)).toBe('parseError');
  },
);

const request = { jsonrpc: '2.0', id: 1, method: 'enter', params: {} };

test.each<[string, unknown]>([
  ['null', null],
  ['a number', 5],
  ['a text', 'enter'],
  ['a batch', [request]],
  ['an empty batch', []],
  ['nothing', {}],
  ['version 1.0', { ...request, jsonrpc: '1.0' }],
  ['no version', { ...request, jsonrpc: undefined }],
  ['a method that is a number', { ...request, method: 1 }],
  ['a method of 65 characters', { ...request, method: 'm'.repeat(65) }],
  ['parameters by position', { ...request, params: [1] }],
  ['parameters that are null', { ...request, params: null }],
  ['a member of its own', { ...request, extra: 1 }],
  ['the id null', { ...request, id: null }],
  ['an id that is a fraction', { ...request, id: 1.5 }],
  ['an id beyond exact whole numbers', { ...request, id: 2 ** 53 }],
  ['an id of 65 characters', { ...request, id: 'i'.repeat(65) }],
  ['an id that is an object', { ...request, id: {} }],
  ['an answer without result and error', { jsonrpc: '2.0', id: 1 }],
  ['an answer with both', { jsonrpc: '2.0', id: 1, result: 1, error: { code: 1, message: '' } }],
  ['an answer without an id', { jsonrpc: '2.0', result: 1 }],
  ['an error that is a text', { jsonrpc: '2.0', id: 1, error: 'no' }],
])('a message with %s is no JSON-RPC message', (_, message) => {
  expect(refusal(JSON.stringify(message))).toBe('invalidRequest');
});

const idOf = (text: string): unknown => {
  try {
    return decodeMessage(text);
  } catch (error) {
    return error instanceof UnreadableMessage ? error.id : error;
  }
};

test.each<[string, unknown]>([
  ['another version', { ...request, jsonrpc: '1.0' }],
  ['no version', { ...request, jsonrpc: undefined }],
  ['a method that is a number', { ...request, method: 1 }],
  ['a method of 65 characters', { ...request, method: 'm'.repeat(65) }],
  ['no method', { ...request, method: undefined }],
  ['parameters by position', { ...request, params: [1] }],
  ['parameters that are null', { ...request, params: null }],
  ['parameters that are a text', { ...request, params: 'text' }],
  ['a member of its own', { ...request, extra: 1 }],
  ['a result beside the method', { ...request, result: 1 }],
])('the id of a message with %s is read', (_, message) => {
  expect(idOf(JSON.stringify(message))).toBe(1);
  expect(idOf(JSON.stringify({ ...(message as object), id: 'seven' }))).toBe('seven');
});

test.each([null, 1.5, 2 ** 53, 'i'.repeat(65), {}, [1], true])('the id %j is none', (other) => {
  expect(idOf(JSON.stringify({ ...request, extra: 1, id: other }))).toBeNull();
});

test('a request may leave its parameters out', () => {
  expect(decodeMessage('{"jsonrpc":"2.0","id":"a","method":"exit"}')).toMatchObject({ params: {} });
});

test('parameters cannot reach into the prototype of objects', () => {
  const message = decodeMessage(
    '{"jsonrpc":"2.0","id":1,"method":"enter","params":{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}}',
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((message as { params: { polluted?: unknown } }).params.polluted).toBeUndefined();
});

test('nesting of any depth is read or refused, never fatal', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  expect(refusal(deep)).toBe('invalidRequest');
  expect(refusal(`{"jsonrpc":"2.0","id":1,"method":"enter","params":{"a":${deep}}}`)).toBeUndefined();
});

test('whatever text comes, it is one message or refused as parseError or invalidRequest', () => {
  const good = [
    '{"jsonrpc":"2.0","id":1,"method":"enter","params":{"userId":"ana"}}',
    '{"jsonrpc":"2.0","method":"memberLeft","params":{"seq":1}}',
    '{"jsonrpc":"2.0","id":"a","result":{"seq":[1,2]}}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"No.","data":{"name":"roomFull"}}}',
  ];
  const pieces = [
    'null',
    '{}',
    '[]',
    '-1',
    '1e999',
    '"2.0"',
    '"id":',
    '"method":',
    '"error":',
    ',',
    '}',
    '\u0000',
  ];
  const edit = fc.record({ at: fc.nat(100), length: fc.nat(12), piece: fc.constantFrom('', ...pieces) });
  const damaged = fc
    .tuple(fc.constantFrom(...good), fc.array(edit, { maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((now, { at, length, piece }) => now.slice(0, at) + piece + now.slice(at + length), text),
    );
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string(), fc.json({ maxDepth: 1 })), (given) => {
      expect([undefined, 'parseError', 'invalidRequest']).toContain(refusal(given));
    }),
    { numRuns: 1000 },
  );
});
