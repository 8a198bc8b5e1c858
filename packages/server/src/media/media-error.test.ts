import { ServiceError } from '@roomkey/protocol';
import { errors } from 'mediasoup';
import { expect, test } from 'vitest';
import { toRefusal, within } from './media-error.ts';

test.each([
  ['an unsupported codec', new errors.UnsupportedError('x'), 'codecUnsupported'],
  ['parameters the engine does not take', new TypeError('x'), 'rtpParametersInvalid'],
  ['an SSRC that is in use', new Error('ssrc already exists in RTP listener'), 'rtpParametersInvalid'],
  ['a dead worker', new errors.WorkerClosedError('x'), 'mediaUnavailable'],
  ['something that is gone', new errors.NotFoundError('x'), 'mediaUnavailable'],
])('%s is said as the right refusal', (_, error, code) => {
  expect(toRefusal(error, 'rtpParametersInvalid')).toMatchObject({ code, cause: error });
});

test('a failure of a call without parameters is never the mistake of the caller', () => {
  expect(toRefusal(new TypeError('x')).code).toBe('mediaUnavailable');
});

test('a refusal stays what it is', () => {
  const refusal = new ServiceError('slotTaken', 'x');
  expect(toRefusal(refusal, 'rtpParametersInvalid')).toBe(refusal);
});

test('an answer in time comes through', async () => {
  expect(await within(10_000, Promise.resolve(7))).toBe(7);
});

test('no answer in time is a refusal, and what comes late is told', async () => {
  let late = 0;
  const waiting = within(1, new Promise(() => {}), { late: () => late++ });
  await expect(waiting).rejects.toMatchObject({ code: 'mediaUnavailable' });
  expect(late).toBe(1);
});
