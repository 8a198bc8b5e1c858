import { settled } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { CoalescedCalls } from './coalesced-calls.ts';

/** Somebody who answers when told to. */
function listener() {
  const heard: string[] = [];
  const answers: ((error?: Error) => void)[] = [];
  const failures: unknown[] = [];
  const calls = new CoalescedCalls<boolean>(
    (key, value) => {
      heard.push(`${key} ${value}`);
      return new Promise((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
    },
    (error, key) => failures.push([error, key]),
  );
  const answer = async (error?: Error) => {
    answers.shift()?.(error);
    await settled();
  };
  return { calls, heard, failures, answer, waiting: () => answers.length };
}

test('when a value changes during a call, only the newest value is sent next', async () => {
  const { calls, heard, answer, waiting } = listener();
  for (let times = 0; times < 100; times++) calls.say('one', times % 2 === 0);
  calls.say('one', true);
  calls.say('other', true);
  expect([heard, waiting()]).toEqual([['one true', 'other true'], 2]);
  await answer();
  await answer();
  expect(heard).toEqual(['one true', 'other true', 'one true']);
  await answer();
  calls.say('one', false);
  expect(heard.at(-1)).toBe('one false');
});

test('a call that fails is told, and does not stop the next', async () => {
  const { calls, heard, failures, answer } = listener();
  calls.say('one', true);
  calls.say('one', false);
  await answer(new Error('no'));
  expect([heard, failures]).toEqual([['one true', 'one false'], [[new Error('no'), 'one']]]);
});
