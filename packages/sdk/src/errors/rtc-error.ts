import { ServiceError } from '@roomkey/protocol';
import { type Cause, rowOf } from './table.ts';

/** What an error carries beside its numbers. */
export interface RtcErrorData {
  /** Same as {@link RtcError.cause}. */
  readonly cause: Cause;
  /** The permission bit that was missing, for a refusal by permission. */
  readonly permission?: string;
}

interface RtcErrorOptions {
  /** The cause whose numbers to use, where they say less than the name does. Default: the cause itself. */
  readonly numbersOf?: Cause;
  readonly functionName?: string;
  readonly originError?: unknown;
  readonly permission?: string | undefined;
  readonly handler?: () => void;
}

/**
 * Every error of this SDK. `code` is one of `TRTC.ERROR_CODE`; `extraCode` and `cause` are always set:
 * several causes can share the vendor's numbers, no two share a name.
 */
export class RtcError extends Error {
  override readonly name: string = 'RtcError';
  readonly code: number;
  readonly extraCode: number;
  /** The method that failed; empty for errors that come by event. */
  functionName: string;
  override readonly cause: Cause;
  readonly data: RtcErrorData;
  /** Sets things right again, where the SDK knows how. */
  readonly handler?: () => void;
  /** What the browser or the server said. */
  readonly originError?: Error;

  constructor(cause: Cause, message: string, options: RtcErrorOptions = {}) {
    super(message);
    const row = rowOf(options.numbersOf ?? cause);
    this.code = row.web;
    this.extraCode = row.extraCode;
    this.functionName = options.functionName ?? '';
    this.cause = cause;
    this.data = options.permission === undefined ? { cause } : { cause, permission: options.permission };
    if (options.handler) this.handler = options.handler;
    if (options.originError instanceof Error) this.originError = options.originError;
  }

  /** Any thrown value as an `RtcError` of the method `functionName`. */
  static from(error: unknown, functionName = ''): RtcError {
    if (error instanceof RtcError) {
      if (error.functionName === '') error.functionName = functionName;
      return error;
    }
    if (error instanceof ServiceError) {
      const options = { functionName, originError: error, permission: error.data.permission };
      return new RtcError(error.code, error.message, options);
    }
    const message = error instanceof Error ? error.message : String(error);
    return new RtcError('unknown', message, { functionName, originError: error });
  }
}

/** The error of a call that another call, or the end of its object, made pointless. */
export const aborted = (why: string): RtcError => new RtcError('aborted', `Given up: ${why}.`);
