import {
  decodeMessage,
  type Params,
  type RequestName,
  readBounded,
  requests,
  ServiceError,
  UnreadableMessage,
} from '@roomkey/protocol';
import type { z } from 'zod';

/** One request, read and checked. */
export type ClientRequest = {
  [N in RequestName]: { readonly id: string | number; readonly name: N; readonly params: Params<N> };
}[RequestName];

/** A message that is no request this server knows. */
export interface Unfit {
  /** Null when the message has none that can be read. */
  readonly id: string | number | null;
  readonly name?: RequestName;
  readonly error: ServiceError;
}

/** Reads a message of a client. */
export function readRequest(text: string): ClientRequest | Unfit {
  const message = readMessage(text);
  if ('error' in message) return message;
  const { id, method } = message;
  if (!isRequestName(method)) {
    return { id, error: new ServiceError('methodNotFound', 'There is no such method.') };
  }
  const params = readBounded<z.ZodType>(requests[method].params, message.params);
  if (!params.success) return { id, name: method, error: invalidParams(params.error) };
  // The schema of `method` made the parameters: the pair is one of the union.
  return { id, name: method, params: params.data } as ClientRequest;
}

function readMessage(text: string): { id: string | number; method: string; params: object } | Unfit {
  try {
    const message = decodeMessage(text);
    if (message.type === 'request') return message;
    return { id: null, error: new ServiceError('invalidRequest', 'Send requests only, each with an id.') };
  } catch (error) {
    if (error instanceof UnreadableMessage) return { id: error.id, error };
    throw error;
  }
}

const isRequestName = (method: string): method is RequestName => Object.hasOwn(requests, method);

/** Names each wrong field and what is expected of it, never the value: it may be a ticket. */
function invalidParams(error: z.ZodError): ServiceError {
  const [first, ...more] = error.issues;
  const path = ['params', ...(first?.path ?? [])].map((key) => plainKey(String(key))).join('.');
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return new ServiceError('invalidParams', `${path}: ${first?.message ?? 'invalid'}${others}`);
}

/** Keys of a record come from the client too. */
const plainKey = (key: string): string => (/^[A-Za-z0-9_-]{1,32}$/.test(key) ? key : '?');
