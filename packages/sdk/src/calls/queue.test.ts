import { expect, test } from 'vitest';
import { abortable, CallQueue } from './queue.ts';

test('calls run one after the other, whatever becomes of them', async () => {
  const queue = new CallQueue();
  const log: string[] = [];
  let finish = () => {};
  const first = queue.run(
    () =>
      new Promise<void>((_, reject) => {
        finish = () => reject(new Error('first'));
      }),
  );
  const second = queue.run(async () => {
    log.push('second');
    return 2;
  });
  await Promise.resolve();
  expect(log).toEqual([]);
  finish();
  await expect(first).rejects.toThrow('first');
  expect(await second).toBe(2);
});

test('aborting reaches what runs and what waits, and nothing that comes later', async () => {
  const queue = new CallQueue();
  const waitsForAbort = (signal: AbortSignal) => abortable(new Promise<void>(() => {}), signal);
  const running = queue.run(waitsForAbort);
  let started = false;
  const waiting = queue.run(async () => {
    started = true;
  });
  const ending = queue.runToEnd(async () => 'ended');
  queue.abort('stop was called');
  const later = queue.run(async () => 'later');
  await expect(running).rejects.toMatchObject({ code: 5998, cause: 'aborted' });
  await expect(waiting).rejects.toMatchObject({ code: 5998 });
  expect(started).toBe(false);
  expect(await ending).toBe('ended');
  expect(await later).toBe('later');
});

test('what comes after the abort is handed to whoever cleans up', async () => {
  const abort = new AbortController();
  let give = (_: string) => {};
  const late: string[] = [];
  const waiting = abortable(
    new Promise<string>((resolve) => {
      give = resolve;
    }),
    abort.signal,
    (value) => late.push(value),
  );
  abort.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  give('camera');
  await Promise.resolve();
  expect(late).toEqual(['camera']);
});
