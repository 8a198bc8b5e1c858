import type { Notice } from '@roomkey/protocol';
import { RecordingLink } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { nowhere } from './nowhere.ts';
import { Outbox } from './outbox.ts';

/** One turn of the event loop says 120 things. */
const notice = (seq: number): Notice => ({
  method: 'memberLeft',
  params: { seq, userId: 'ana', reason: 'exit' },
});
const unexpected = (error: unknown) => {
  throw error;
};
const seqs = ({ notices }: RecordingLink) => notices.map(({ params }) => ('seq' in params ? params.seq : 0));

test('what fits into a turn is said at once', () => {
  const outbox = new Outbox(new EventLoopShare(), unexpected);
  const link = new RecordingLink();
  outbox.tell(link, notice(1));
  outbox.end(link);
  expect(seqs(link)).toEqual([1]);
  expect(link.ended).toBe(true);
});

test('much is said over several turns, to each in its order, and then its connection ends', async () => {
  const outbox = new Outbox(new EventLoopShare(), unexpected);
  const links = Array.from({ length: 100 }, () => new RecordingLink());
  for (const seq of [1, 2, 3]) for (const link of links) outbox.tell(link, notice(seq));
  for (const link of links) outbox.end(link);
  expect(links.reduce((sum, { notices }) => sum + notices.length, 0)).toBe(120);
  await outbox.told();
  for (const link of links) expect([seqs(link), link.ended]).toEqual([[1, 2, 3], true]);
});

test('a connection that is forgotten hears nothing more', async () => {
  const outbox = new Outbox(new EventLoopShare(), unexpected);
  const links = Array.from({ length: 130 }, () => new RecordingLink());
  for (const link of links) outbox.tell(link, notice(1));
  for (const link of links.slice(125)) outbox.forget(link);
  await outbox.told();
  expect(links.map(({ notices }) => notices.length)).toEqual([...Array(125).fill(1), ...Array(5).fill(0)]);
});

test('a later turn ends when it has taken long, however little was said by then', async () => {
  let now = 0;
  const outbox = new Outbox(new EventLoopShare(undefined, () => now), unexpected);
  const links = Array.from({ length: 130 }, () => new RecordingLink());
  for (const link of links) outbox.tell(link, notice(1));
  for (const link of links.slice(120))
    link.notify = (said) => {
      now += 4;
      link.notices.push(said);
    };
  const said = () => links.filter(({ notices }) => notices.length > 0).length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(said()).toBe(122);
  await outbox.told();
  expect(said()).toBe(130);
});

test('a connection for which thousands of notices wait is ended, and nothing is kept for it', async () => {
  const outbox = new Outbox(new EventLoopShare(), unexpected);
  const link = new RecordingLink();
  for (let seq = 1; seq <= 4200; seq++) outbox.tell(link, notice(seq));
  expect(link.lagged).toBe(1);
  await outbox.told();
  expect(link.notices.length).toBeLessThan(300);
});

test('what is said to nobody takes no time of others', () => {
  const outbox = new Outbox(new EventLoopShare(), unexpected);
  for (let seq = 1; seq <= 500; seq++) outbox.tell(nowhere, notice(seq));
  const link = new RecordingLink();
  outbox.tell(link, notice(1));
  expect(seqs(link)).toEqual([1]);
});

test('a connection that throws is reported, and the others are told', async () => {
  const faults: unknown[] = [];
  const outbox = new Outbox(new EventLoopShare(), (error) => faults.push(error));
  const [broken, whole] = [new RecordingLink(), new RecordingLink()];
  broken.notify = () => {
    throw new Error('no');
  };
  for (const link of [broken, whole]) outbox.tell(link, notice(1));
  await outbox.told();
  expect([faults.length, seqs(whole)]).toEqual([1, [1]]);
});
