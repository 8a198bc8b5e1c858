import { type ErrorName, errors } from './errors.ts';
import type { RefusalData } from './shapes.ts';

/** A refusal that may be told to the caller. Its message says what to do and never holds a ticket or a key. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorName;
  readonly data: RefusalData;

  /** `message` is the row's own sentence unless a more exact one is known. */
  constructor(
    code: ErrorName,
    message: string = errors[code].says,
    options: ErrorOptions & { data?: RefusalData } = {},
  ) {
    super(message, options);
    this.code = code;
    this.data = options.data ?? {};
  }

  /** The error of a received answer; an unknown name (a newer server) becomes `internal`. */
  static fromWire(
    message: string,
    data: ({ readonly name: string } & RefusalData) | undefined,
  ): ServiceError {
    const code = data && Object.hasOwn(errors, data.name) ? (data.name as ErrorName) : 'internal';
    const { permission, version, userId, removed } = data ?? {};
    return new ServiceError(code, message, { data: { permission, version, userId, removed } });
  }
}
