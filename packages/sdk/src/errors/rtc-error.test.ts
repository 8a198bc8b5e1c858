import { errors, ServiceError } from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { RtcError } from './rtc-error.ts';
import { ERROR_CODE } from './table.ts';

test('a refusal of the server keeps name, numbers and the missing permission', () => {
  const refusal = new ServiceError('sendSubDenied', 'No.', { data: { permission: 'sendSub' } });
  const error = RtcError.from(refusal, 'startScreenShare');
  expect(error).toMatchObject({
    name: 'RtcError',
    message: 'No.',
    code: 5400,
    extraCode: -102015,
    cause: 'sendSubDenied',
    data: { cause: 'sendSubDenied', permission: 'sendSub' },
    functionName: 'startScreenShare',
    originError: refusal,
  });
});

test.each(Object.keys(errors) as (keyof typeof errors)[])('%s has numbers', (cause) => {
  const error = RtcError.from(new ServiceError(cause));
  expect(Object.values(ERROR_CODE)).toContain(error.code);
  expect(Number.isInteger(error.extraCode)).toBe(true);
  expect(error.cause).toBe(cause);
});

test('anything else is unknown, with what was thrown', () => {
  const thrown = new TypeError('odd');
  const error = RtcError.from(thrown, 'enterRoom');
  expect(error).toMatchObject({ code: 5999, extraCode: 5999, cause: 'unknown', originError: thrown });
  expect(RtcError.from('text').message).toBe('text');
});

test('the method that failed is named once', () => {
  const error = new RtcError('notInRoom', 'Enter a room first.');
  expect(RtcError.from(error, 'first').functionName).toBe('first');
  expect(RtcError.from(error, 'second')).toBe(error);
  expect(error.functionName).toBe('first');
});
