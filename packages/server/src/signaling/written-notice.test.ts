import type { Notice } from '@roomkey/protocol';
import { expect, test } from 'vitest';
import { writtenNotice } from './written-notice.ts';

test('a notice that goes to many is written once', () => {
  let times = 0;
  const params = { seq: 1, userId: 'ana', reason: 'exit', toJSON: () => ({ times: ++times }) } as const;
  const notice: Notice = { method: 'memberLeft', params };
  expect(writtenNotice(notice)).toBe(writtenNotice(notice));
  expect(times).toBe(1);
});

test('two notices of the same content are two', () => {
  const notice = (seq: number): Notice => ({
    method: 'memberLeft',
    params: { seq, userId: 'ana', reason: 'exit' },
  });
  expect(writtenNotice(notice(1))).not.toBe(writtenNotice(notice(2)));
});
