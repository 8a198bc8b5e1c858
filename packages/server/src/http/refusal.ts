import { STATUS_CODES } from 'node:http';
import { type ErrorName, errors, ServiceError } from '@roomkey/protocol';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Refusals that only HTTP knows; all others are names of the protocol's error table. */
const httpRefusals = {
  notFound: { http: 404, says: 'There is nothing at this path.' },
  methodNotAllowed: { http: 405, says: 'This path does not take this method.' },
  upgradeRequired: { http: 426, says: 'This path is a WebSocket: connect to it with ws:// or wss://.' },
  lengthRequired: { http: 411, says: 'Say the length of the body before it, as Content-Length.' },
  bodyTooLarge: { http: 413, says: 'The body is too large.' },
  requestIncomplete: { http: 400, says: 'The request ended in the middle.' },
  contentTypeUnsupported: { http: 415, says: 'Send the body as Content-Type: application/json.' },
  hostNotLocal: {
    http: 403,
    says: 'Demo tickets are only given to this computer: open the page as localhost, 127.0.0.1 or [::1], with the port of this server.',
  },
  originMissing: {
    http: 403,
    says: 'Demo tickets are only given to the demo page: the Origin header is missing.',
  },
  originForeign: {
    http: 403,
    says: 'Demo tickets are only given to the demo page: the Origin is another one.',
  },
  forwarded: {
    http: 403,
    says: 'Demo tickets are only given to this computer: the request came through a proxy.',
  },
  demoUnavailable: { http: 503, says: 'The demo application has no active key.' },
  addressNotLocal: {
    http: 403,
    says: 'Demo tickets are only given to this computer: the connection comes from another one.',
  },
  metricsNotLocal: {
    http: 403,
    says: 'Metrics are only given to this computer, asked for as localhost, 127.0.0.1 or [::1] without a proxy, or to who sends the token of ROOMKEY_METRICS_TOKEN.',
  },
  metricsTokenUnset: {
    http: 403,
    says: 'This server has a public URL, so metrics are only given to who sends a token: set ROOMKEY_METRICS_TOKEN.',
  },
  metricsTokenWrong: { http: 401, says: 'Send the metrics token as Authorization: Bearer.' },
} as const satisfies Record<string, { readonly http: ContentfulStatusCode; readonly says: string }>;

export type RefusalName = keyof typeof httpRefusals | ErrorName;

/** A request that is refused, in plain words. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalName;
  readonly status: ContentfulStatusCode;

  constructor(code: RefusalName, says?: string) {
    const row = Object.hasOwn(httpRefusals, code)
      ? httpRefusals[code as keyof typeof httpRefusals]
      : errors[code as ErrorName];
    super(says ?? row.says);
    this.code = code;
    this.status = row.http as ContentfulStatusCode;
  }

  /** The refusal that stands for anything thrown; undefined for what nobody expected. */
  static of(thrown: unknown): Refusal | undefined {
    if (thrown instanceof Refusal) return thrown;
    return thrown instanceof ServiceError ? new Refusal(thrown.code, thrown.message) : undefined;
  }

  /** The body of every refusal over HTTP. */
  toJSON(): { readonly error: { readonly name: RefusalName; readonly message: string } } {
    return { error: { name: this.code, message: this.message } };
  }
}

/** The whole answer that refuses a request, for a socket that was taken over; its connection ends with it. */
export function refusedRawly(code: RefusalName): string {
  const refusal = new Refusal(code);
  const body = JSON.stringify(refusal);
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Connection: close',
    'Content-Type: application/json',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
