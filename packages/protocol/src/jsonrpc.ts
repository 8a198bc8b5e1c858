import * as z from 'zod';
import { anyObject, isObject } from './bounded.ts';
import { errors } from './errors.ts';
import { ServiceError } from './service-error.ts';
import { removal } from './shapes.ts';

const id = z.union([z.string().max(64), z.int()]);

const request = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: id.optional(),
  method: z.string().max(64),
  params: anyObject.optional(),
});

const response = z
  .looseObject({
    jsonrpc: z.literal('2.0'),
    id: id.nullable(),
    result: z.unknown().optional(),
    error: z
      .object({
        code: z.number(),
        message: z.string(),
        data: z
          .object({
            name: z.string(),
            permission: z.string().optional(),
            version: z.int().optional(),
            userId: z.string().optional(),
            removed: removal.optional().catch(undefined),
          })
          .optional(),
      })
      .optional(),
  })
  // Else a request with a mistake in it would read as the answer `undefined`.
  .refine((answer) => !('method' in answer) && 'result' in answer !== 'error' in answer);

/** One JSON-RPC 2.0 message, read. A request without `id` is a notice. */
export type Message =
  | {
      readonly type: 'request';
      readonly id: string | number;
      readonly method: string;
      readonly params: Record<string, unknown>;
    }
  | { readonly type: 'notice'; readonly method: string; readonly params: Record<string, unknown> }
  | { readonly type: 'result'; readonly id: string | number | null; readonly result: unknown }
  | { readonly type: 'error'; readonly id: string | number | null; readonly error: ServiceError };

/** A message that cannot be read. */
export class UnreadableMessage extends ServiceError {
  /** Of the request that the message may have been; null where that cannot be read either. */
  readonly id: string | number | null;

  constructor(code: 'parseError' | 'invalidRequest', message: string, id: string | number | null = null) {
    super(code, message);
    this.id = id;
  }
}

/**
 * Reads one JSON-RPC 2.0 message (batches are not used).
 *
 * @throws {UnreadableMessage} `parseError` when the text is not JSON, `invalidRequest` when it is not one JSON-RPC message.
 *
 * @example
 * ```ts
 * decodeMessage('{"jsonrpc":"2.0","id":1,"method":"exit"}'); // { type: 'request', id: 1, method: 'exit', params: {} }
 * decodeMessage('{"jsonrpc":"2.0","id":1,"result":{}}'); // { type: 'result', id: 1, result: {} }
 * ```
 */
export function decodeMessage(text: string): Message {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UnreadableMessage('parseError', 'The message is not JSON.');
  }
  const asked = request.safeParse(json);
  if (asked.success) {
    const { id: askedId, method, params = {} } = asked.data;
    return askedId === undefined
      ? { type: 'notice', method, params }
      : { type: 'request', id: askedId, method, params };
  }
  const isAnswer = isObject(json) && !('method' in json);
  const answered = isAnswer ? response.safeParse(json) : undefined;
  if (!answered?.success) {
    const readable = isObject(json) ? id.safeParse(json['id']).data : undefined;
    throw new UnreadableMessage('invalidRequest', 'The message is not one JSON-RPC 2.0 message.', readable);
  }
  const { id: answerId, result, error } = answered.data;
  if (!error) return { type: 'result', id: answerId, result };
  return { type: 'error', id: answerId, error: ServiceError.fromWire(error.message, error.data) };
}

/**
 * Writes a request.
 *
 * @example
 * ```ts
 * encodeRequest(1, 'exit', {}); // '{"jsonrpc":"2.0","id":1,"method":"exit","params":{}}'
 * ```
 */
export const encodeRequest = (id: string | number, method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

/**
 * Writes a notice (a request that wants no answer).
 *
 * @example
 * ```ts
 * encodeNotice('mediaLost', {}); // '{"jsonrpc":"2.0","method":"mediaLost","params":{}}'
 * ```
 */
export const encodeNotice = (method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params });

/**
 * Writes the good answer to a request.
 *
 * @example
 * ```ts
 * encodeResult(1, {}); // '{"jsonrpc":"2.0","id":1,"result":{}}'
 * ```
 */
export const encodeResult = (id: string | number, result: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result });

/**
 * Writes the refusal of a request; `id` is null when the request could not be read.
 *
 * @example
 * ```ts
 * const refusal = encodeError(1, new ServiceError('notEntered'));
 * JSON.parse(refusal).error.data.name; // 'notEntered'
 * ```
 */
export function encodeError(id: string | number | null, error: ServiceError): string {
  const row = errors[error.code];
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: {
      code: row.rpc,
      message: error.message,
      data: { name: error.code, code: row.web, extraCode: row.extraCode, retry: row.retry, ...error.data },
    },
  });
}
