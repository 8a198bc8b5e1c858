import { type ErrorName, ServiceError } from '@roomkey/protocol';
import { errors } from 'mediasoup';
import { afterPatience } from '../patience.ts';

/** The refusal for everything that is not the caller's mistake: no worker, no answer, gone meanwhile. */
export const mediaUnavailable = (what: string, options?: ErrorOptions): ServiceError =>
  new ServiceError('mediaUnavailable', `${what} Try again.`, options);

/**
 * Says a failure of the engine as a refusal. `mistake` is the name for parameters that the engine does not take;
 * without it the call has none, and every failure is `mediaUnavailable`.
 */
export function toRefusal(error: unknown, mistake?: ErrorName): ServiceError {
  if (error instanceof ServiceError) return error;
  if (mistake && error instanceof errors.UnsupportedError) {
    return new ServiceError(
      'codecUnsupported',
      'The codec is not supported here; use one that both sides have.',
      {
        cause: error,
      },
    );
  }
  const gone = error instanceof errors.WorkerClosedError || error instanceof errors.NotFoundError;
  if (!mistake || gone) return mediaUnavailable('The media worker could not do this.', { cause: error });
  return new ServiceError(mistake, `The media engine does not take these parameters: ${reason(error)}.`, {
    cause: error,
  });
}

/** What went wrong, in the words of whatever was thrown. */
export const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The answer of the engine, or `mediaUnavailable` after `ms`, in which this process was not busy all the time; failures come out as refusals.
 * `late` runs when the time is over: what the answer still brings must not stay.
 */
export async function within<T>(
  ms: number,
  answer: Promise<T>,
  options: { mistake?: ErrorName | undefined; late?: (() => void) | undefined } = {},
): Promise<T> {
  let undo = () => {};
  const over = new Promise<never>((_, reject) => {
    undo = afterPatience(ms, () => {
      options.late?.();
      reject(mediaUnavailable(`The media worker did not answer within ${ms} ms.`));
    });
  });
  try {
    return await Promise.race([answer, over]);
  } catch (error) {
    throw toRefusal(error, options.mistake);
  } finally {
    undo();
  }
}
