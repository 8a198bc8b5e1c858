import type { Notice } from '@roomkey/protocol';
import { RecordingLink } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

/** One turn of the event loop says 120 things. */
const notice = (seq: number): Notice => ({
  method: 'memberLeft',
  params: { seq, userId: 'ana', reason: 'exit' },
});
const seqs = ({ notices }: RecordingLink) => notices.map(({ params }) => ('seq' in params ? params.seq : 0));

test('what fits into a turn is said at once', () => {
  const outbox = new Outbox();
  const link = new RecordingLink();
  outbox.tell(link, notice(1));
  outbox.end(link);
  expect(seqs(link)).toEqual([1]);
  expect(link.ended).toBe(true);
});

test('much is said over several turns, to each in its order, and then its connection ends', async () => {
  const outbox = new Outbox();
  const links = Array.from({ length: 100 }, () => new RecordingLink());
  for (const seq of [1, 2, 3]) for (const link of links) outbox.tell(link, notice(seq));
  for (const link of links) outbox.end(link);
  expect(links.reduce((sum, { notices }) => sum + notices.length, 0)).toBe(120);
  await outbox.told();
  for (const link of links) expect([seqs(link), link.ended]).toEqual([[1, 2, 3], true]);
});

test('a connection that is forgotten hears nothing more', async () => {
  const outbox = new Outbox();
  const links = Array.from({ length: 130 }, () => new RecordingLink());
  for (const link of links) outbox.tell(link, notice(1));
  for (const link of links.slice(125)) outbox.forget(link);
  await outbox.told();
  expect(links.map(({ notices }) => notices.length)).toEqual([...Array(125).fill(1), ...Array(5).fill(0)]);
});
