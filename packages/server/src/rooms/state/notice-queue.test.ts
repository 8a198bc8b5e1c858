import type { Notice } from '@roomkey/protocol';
import { RecordingLink } from '@roomkey/testkit';
import { expect, test, vi } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { NoticeQueue } from './notice-queue.ts';
import { nowhere } from './nowhere.ts';

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
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const link = new RecordingLink();
  queue.tell(link, notice(1));
  queue.end(link);
  expect(seqs(link)).toEqual([1]);
  expect(link.ended).toBe(true);
});

test('much is said over several turns, to each in its order, and then its connection ends', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = Array.from({ length: 100 }, () => new RecordingLink());
  for (const seq of [1, 2, 3]) for (const link of links) queue.tell(link, notice(seq));
  for (const link of links) queue.end(link);
  expect(links.reduce((sum, { notices }) => sum + notices.length, 0)).toBe(120);
  await queue.told();
  for (const link of links) expect([seqs(link), link.ended]).toEqual([[1, 2, 3], true]);
});

test('a connection that is forgotten hears nothing more', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = Array.from({ length: 130 }, () => new RecordingLink());
  for (const link of links) queue.tell(link, notice(1));
  for (const link of links.slice(125)) queue.forget(link);
  await queue.told();
  expect(links.map(({ notices }) => notices.length)).toEqual([...Array(125).fill(1), ...Array(5).fill(0)]);
});

test('a later turn ends when it has taken long, however little was said by then', async () => {
  let now = 0;
  const queue = new NoticeQueue(new EventLoopShare(undefined, () => now), unexpected);
  const links = Array.from({ length: 130 }, () => new RecordingLink());
  for (const link of links) queue.tell(link, notice(1));
  for (const link of links.slice(120))
    link.notify = (said) => {
      now += 4;
      link.notices.push(said);
    };
  const said = () => links.filter(({ notices }) => notices.length > 0).length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(said()).toBe(122);
  await queue.told();
  expect(said()).toBe(130);
});

test('a connection for which thousands of notices wait is ended, and nothing is kept for it', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const link = new RecordingLink();
  for (let seq = 1; seq <= 4200; seq++) queue.tell(link, notice(seq));
  expect(link.lagged).toBe(1);
  await queue.told();
  expect(link.notices.length).toBeLessThan(300);
});

test('what is said to nobody takes no time of others', () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  for (let seq = 1; seq <= 500; seq++) queue.tell(nowhere, notice(seq));
  const link = new RecordingLink();
  queue.tell(link, notice(1));
  expect(seqs(link)).toEqual([1]);
});

test('a connection that throws is reported, and the others are told', async () => {
  const faults: unknown[] = [];
  const queue = new NoticeQueue(new EventLoopShare(), (error) => faults.push(error));
  const [broken, whole] = [new RecordingLink(), new RecordingLink()];
  broken.notify = () => {
    throw new Error('no');
  };
  for (const link of [broken, whole]) queue.tell(link, notice(1));
  await queue.told();
  expect([faults.length, seqs(whole)]).toEqual([1, [1]]);
});

/** So many connections that have joined. */
function joined(queue: NoticeQueue, count: number): RecordingLink[] {
  const links = Array.from({ length: count }, () => new RecordingLink());
  for (const link of links) queue.join(link);
  return links;
}

test('what everybody is told comes in its order, with what each is told alone between', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = joined(queue, 100);
  for (const [index, link] of links.entries()) {
    queue.tellAll(notice(1000 + index), links[(index + 1) % links.length]);
    queue.tell(link, notice(index));
  }
  await queue.told();
  for (const [index, link] of links.entries()) {
    const common = links.flatMap((_, one) => ((one + 1) % links.length === index ? [] : [1000 + one]));
    const after = common.filter((seq) => seq <= 1000 + index).length;
    expect(seqs(link)).toEqual([...common.slice(0, after), index, ...common.slice(after)]);
  }
});

test('who joins hears what is said from then on, and who leaves what was said until then', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = joined(queue, 200);
  queue.tellAll(notice(1));
  const late = new RecordingLink();
  queue.join(late);
  const left = links.at(-1) ?? late;
  queue.leave(left);
  queue.tellAll(notice(2));
  queue.tell(left, notice(7));
  queue.end(left);
  await queue.told();
  expect([seqs(late), seqs(left), left.ended]).toEqual([[2], [1, 7], true]);
  queue.tellAll(notice(3));
  await queue.told();
  expect([seqs(late), seqs(left)]).toEqual([
    [2, 3],
    [1, 7],
  ]);
});

test('telling everybody something costs nothing for those who are behind already', () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = joined(queue, 1000);
  let asked = 0;
  for (const link of links)
    link.notify = () => {
      asked++;
    };
  queue.tellAll(notice(1));
  const visits = [vi.spyOn(Map.prototype, 'get'), vi.spyOn(Map.prototype, 'set')];
  for (let seq = 2; seq <= 1000; seq++) queue.tellAll(notice(seq));
  const visited = visits.map(({ mock }) => mock.calls.length);
  for (const visit of visits) visit.mockRestore();
  // Those who still heard the first are looked at once more, for the second.
  expect([asked, visited]).toEqual([120, [0, 120]]);
});

test('everybody who is thousands of notices behind loses its connection, and nothing is kept', async () => {
  const queue = new NoticeQueue(new EventLoopShare(), unexpected);
  const links = joined(queue, 130);
  for (let seq = 1; seq <= 9000; seq++) queue.tellAll(notice(seq));
  await queue.told();
  expect(links.map(({ lagged }) => lagged)).toEqual(links.map(() => 1));
  for (const { notices } of links) expect(notices.length).toBeLessThan(300);
});
