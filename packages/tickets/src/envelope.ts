import { type Buffer, isUtf8 } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import { fromCanonicalBase64 } from './base64.ts';
import { hasLooseBits, readStoredStream, storedStream } from './stored-stream.ts';
import { TicketError } from './ticket-error.ts';

/** The most characters a ticket may have, and the most bytes it may inflate to. */
const maxTicketBytes = 16 * 1024;

/** Zlib gives its output in pieces of this size; a ticket rarely needs a second one. */
const pieceBytes = 1024;

/**
 * Wraps a JSON text as a ticket: a zlib stream in base64 with `*`, `-`, `_` for `+`, `/`, `=`.
 *
 * The stream stores, it does not compress: compressing costs several times what signing does, and saves a
 * fifth of a text that is mostly a signature. The vendor's Go library stores too.
 *
 * @throws {RangeError} when the ticket would be longer than a verifier takes.
 */
export function seal(json: string): string {
  const base64 = json.length > maxTicketBytes ? '' : storedStream(json).toString('base64');
  if (base64 === '' || base64.length > maxTicketBytes)
    throw new RangeError('The ids are too long for a ticket.');
  return base64.replace(/\+/g, '*').replace(/\//g, '-').replace(/=/g, '_');
}

/**
 * The JSON text in a ticket. Work is bounded: no more than 16 KiB are read, and inflating
 * stops at most 1 KiB beyond 16 KiB.
 *
 * @throws {TicketError} `malformed` unless the ticket is canonical base64 of exactly one zlib stream of UTF-8.
 */
export function open(ticket: string): string {
  if (typeof ticket !== 'string' || ticket === '') throw malformed('it is empty');
  if (ticket.length > maxTicketBytes) throw malformed('it is longer than 16 KiB');
  const stream = fromTicketBase64(ticket);
  if (!stream) throw malformed('it is not in the base64 of tickets');
  const json = readStoredStream(stream) ?? inflate(stream);
  if (!isUtf8(json)) throw malformed('its text is not UTF-8');
  return json.toString();
}

function fromTicketBase64(ticket: string): Buffer | undefined {
  if (/[+/=]/.test(ticket)) return undefined;
  return fromCanonicalBase64(ticket.replace(/\*/g, '+').replace(/-/g, '/').replace(/_/g, '='));
}

function inflate(stream: Buffer): Buffer {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    const options = { maxOutputLength: maxTicketBytes, chunkSize: pieceBytes, info: true };
    result = inflateSync(stream, options) as unknown as typeof result;
  } catch (cause) {
    const isTooLarge = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw malformed(isTooLarge ? 'it inflates to more than 16 KiB' : 'it is not a zlib stream');
  }
  if (result.engine.bytesWritten !== stream.length) throw malformed('something follows its zlib stream');
  if (hasLooseBits(stream)) throw malformed('its zlib stream is not as zlib writes it');
  return result.buffer;
}

function malformed(detail: string): TicketError {
  return new TicketError('malformed', detail);
}
