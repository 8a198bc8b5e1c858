import { expect, test } from 'vitest';
import { Mailbox } from './mailbox.ts';

test('jobs run in the order they were posted', async () => {
  const mailbox = new Mailbox();
  const seen: number[] = [];
  await Promise.all([1, 2, 3].map((n) => mailbox.run(() => seen.push(n))));
  expect(seen).toEqual([1, 2, 3]);
});

test('a job posted from within a job waits until that one has ended', async () => {
  const mailbox = new Mailbox();
  const seen: string[] = [];
  let inner: Promise<unknown> = Promise.resolve();
  await mailbox.run(() => {
    inner = mailbox.run(() => seen.push('inner'));
    seen.push('outer');
  });
  await inner;
  expect(seen).toEqual(['outer', 'inner']);
});

test('a job that throws rejects its own caller and no other', async () => {
  const mailbox = new Mailbox();
  const bad = mailbox.run(() => {
    throw new Error('no');
  });
  const good = mailbox.run(() => 'yes');
  await expect(bad).rejects.toThrow('no');
  await expect(good).resolves.toBe('yes');
});
