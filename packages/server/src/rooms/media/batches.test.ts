import { expect, test } from 'vitest';
import { EventLoopShare } from '../../event-loop-share.ts';
import { Batches } from './batches.ts';

/** One turn of the event loop does 500 units; of more than 100 items none is done at once. */
const many = Array.from({ length: 1200 }, (_, index) => index);
const unexpected = (error: unknown) => {
  throw error;
};
/** A clock on which a turn of the event loop takes no time. */
const still = new EventLoopShare(undefined, () => 0);
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Until the first turn of many: others come before it. */
const firstTurn = () => turn().then(turn);

test('what fits into a turn is done at once', () => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  expect(batches.close([1, 2, 3], (item) => done.push(item))).toBeUndefined();
  batches.open([4, 5], (item) => done.push(item));
  expect(batches.afterwards([6], (item) => done.push(item))).toBeUndefined();
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
});

test('many are done in their order, over several turns of the event loop', async () => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  const all = batches.close(many, (item) => done.push(item));
  await turn();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(many.slice(0, 500));
  await all;
  expect(done).toEqual(many);
});

test('an item counts as much work as it says', async () => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  const all = batches.close(many.slice(0, 20), (item) => done.push(item), { work: () => 100 });
  expect(done).toHaveLength(5);
  await all;
  expect(done).toHaveLength(20);
});

test('closings go before openings, and a few closings do not wait for many', async () => {
  const batches = new Batches(still, unexpected);
  const done: string[] = [];
  const later = batches.close(many, () => done.push('close'));
  batches.open(['open'], (item) => done.push(item));
  batches.close(['urgent'], (item) => done.push(item));
  await later;
  await turn();
  expect(done[0]).toBe('urgent');
  expect(done.at(-1)).toBe('open');
  expect(done).toHaveLength(1202);
});

test('what `afterwards` does never overtakes waiting closings', async () => {
  const batches = new Batches(still, unexpected);
  const done: string[] = [];
  batches.close(many, () => done.push('close'));
  const said = batches.afterwards(['first'], (item) => done.push(item));
  batches.afterwards(['second'], (item) => done.push(item));
  await said;
  await turn();
  expect(done.slice(-2)).toEqual(['first', 'second']);
});

test('what a job throws is told, and the others are done', async () => {
  const faults: unknown[] = [];
  const batches = new Batches(still, (error) => faults.push(error));
  const done: number[] = [];
  await batches.close(many, (item) => {
    if (item === 300) throw new Error('no');
    done.push(item);
  });
  expect(done).toHaveLength(1199);
  expect(faults).toHaveLength(1);
});

test('a later turn ends when it has taken long, however little work is done by then', async () => {
  let now = 0;
  const batches = new Batches(new EventLoopShare(undefined, () => now), unexpected);
  const done: number[] = [];
  const slow = (item: number) => {
    done.push(item);
    now += 4;
  };
  const all = batches.close(many.slice(0, 101), slow);
  await firstTurn();
  expect(done).toEqual([0, 1]);
  await all;
  expect(done).toHaveLength(101);
});

test('what is to be done behind an item is done step by step, before the next item', async () => {
  const batches = new Batches(still, unexpected);
  const done: string[] = [];
  const steps = (item: string) => many.map((step) => () => void done.push(`${item}${step}`));
  const all = batches.close(['a', 'b'], (item) => done.push(item), { steps });
  const inThisTurn = done.length;
  expect(inThisTurn).toBeLessThan(1202);
  await all;
  expect(done).toEqual(['a', 'b'].flatMap((item) => [item, ...many.map((step) => `${item}${step}`)]));
});

test('a change of more than many is not begun in the turn that decides it, one of many is', async () => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  const job = (item: number) => done.push(item);
  expect(batches.close(many.slice(0, 100), job)).toBeUndefined();
  expect(done).toHaveLength(100);
  const all = batches.close(many.slice(0, 101), job);
  expect(done).toHaveLength(100);
  await all;
  expect(done).toHaveLength(201);
});

test.each(['afterwards', 'open'] as const)('%s begins at once with many, and not with more', async (way) => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  const job = (item: number) => done.push(item);
  batches[way](many.slice(0, 100), job);
  expect(done).toHaveLength(100);
  batches[way](many.slice(0, 101), job);
  expect(done).toHaveLength(100);
  await turn();
  await turn();
  expect(done).toHaveLength(201);
});

test('a few closings are done at once though the turn has its work, and then no more of them', async () => {
  const batches = new Batches(still, unexpected);
  const done: string[] = [];
  const closing = (name: string, count: number) =>
    batches.close(many.slice(0, count), () => done.push(name), { work: () => 100 });
  expect(closing('first', 5)).toBeUndefined();
  const nine = closing('nine', 9);
  expect(done).not.toContain('nine');
  expect(closing('few', 4)).toBeUndefined();
  expect(done.filter((name) => name === 'few')).toHaveLength(4);
  const late = closing('late', 2);
  expect(done.filter((name) => name === 'late')).toHaveLength(1);
  await Promise.all([nine, late]);
  expect(done.slice(10)).toEqual([...Array(9).fill('nine'), 'late']);
});

test('what opens waits behind what closes and what was to be opened before', async () => {
  const batches = new Batches(still, unexpected);
  const done: string[] = [];
  batches.open(many, () => done.push('first'));
  batches.open(['second'], (item) => done.push(item));
  const said = batches.afterwards(['said'], (item) => done.push(item));
  expect(said).toBeUndefined();
  for (let turns = 0; turns < 5; turns++) await turn();
  expect(done[0]).toBe('said');
  expect(done.at(-1)).toBe('second');
  expect(done).toHaveLength(1202);
});

test('a step that throws is told, and the steps behind it are done', () => {
  const faults: unknown[] = [];
  const batches = new Batches(still, (error) => faults.push(error));
  const done: string[] = [];
  const steps = () => [
    () => {
      throw new Error('no');
    },
    () => void done.push('step'),
  ];
  expect(batches.close(['item'], (item) => done.push(item), { steps })).toBeUndefined();
  expect([done, faults]).toEqual([['item', 'step'], [new Error('no')]]);
});

test('each turn has its work anew', async () => {
  const batches = new Batches(still, unexpected);
  const done: number[] = [];
  const job = (item: number) => done.push(item);
  for (let turns = 0; turns < 3; turns++) {
    for (let part = 0; part < 5; part++) batches.open(many.slice(0, 100), job);
    expect(done).toHaveLength(500 * (turns + 1));
    await turn();
  }
});

/** A share that runs nothing by itself, with what it was asked to run. */
function held(limits: Partial<EventLoopShare['limits']> = {}) {
  const waiting: ((until: number) => void)[] = [];
  const share = {
    limits: { ms: 6, work: 500, notices: 120, many: 100, few: 8, ...limits },
    now: () => 0,
    later: (job: (until: number) => void) => void waiting.push(job),
    afterOthers: (job: (until: number) => void) => void waiting.push(job),
  } as unknown as EventLoopShare;
  const next = () => waiting.shift()?.(Number.POSITIVE_INFINITY);
  return { share, waiting, next };
}

test('it asks for one turn at a time, and for none when nothing is left', () => {
  const { share, waiting, next } = held();
  const batches = new Batches(share, unexpected);
  batches.open([1], () => {});
  batches.open([2], () => {});
  expect(waiting).toHaveLength(1);
  void batches.close(many.slice(0, 101), () => {});
  expect(waiting).toHaveLength(1);
  next();
  expect(waiting).toHaveLength(0);
});

test('it asks for turns as long as closings or openings wait', () => {
  const { share, waiting, next } = held();
  const batches = new Batches(share, unexpected);
  const done: string[] = [];
  void batches.close(many.slice(0, 600), () => done.push('close'));
  batches.open(many.slice(0, 501), () => done.push('open'));
  const seen = [];
  for (; waiting.length > 0; next()) seen.push(done.length);
  // That all is closed is told as one thing more.
  expect(seen).toEqual([0, 500, 999]);
  expect(done).toHaveLength(1101);
});

test('an opening waits behind one closing and one opening that wait', () => {
  const { share } = held();
  const batches = new Batches(share, unexpected);
  const done: string[] = [];
  batches.open(many.slice(0, 101), () => done.push('many'));
  void batches.close(many.slice(0, 101), () => done.push('close'));
  batches.open(['late'], (item) => done.push(item));
  expect(done).toEqual([]);
});

test('what opens does not begin in a turn in which closings are left', () => {
  const { share, next } = held();
  const batches = new Batches(share, unexpected);
  const done: string[] = [];
  batches.open(many.slice(0, 101), () => done.push('open'));
  let units = 400;
  const work = () => units;
  void batches.close(many.slice(0, 101), () => done.push('close'), { work });
  next();
  expect(done).toEqual(['close', 'close']);
  units = 1;
  next();
  expect(done.slice(0, 101)).toEqual(Array(101).fill('close'));
  expect(done.slice(101)).toEqual(Array(101).fill('open'));
});

test('a job for more than 100 members that `afterwards` is given waits for a later turn, also when nothing else waits', () => {
  const { share } = held();
  const batches = new Batches(share, unexpected);
  const done: number[] = [];
  void batches.afterwards(many.slice(0, 101), (item) => done.push(item));
  expect(done).toEqual([]);
});

test('closings for as few as the limit says are done at once though the turn has its work, and more are not', () => {
  const { share } = held({ few: 3, work: 10 });
  const batches = new Batches(share, unexpected);
  const done: string[] = [];
  const closing = (name: string, count: number) =>
    batches.close(many.slice(0, count), () => done.push(name), { work: () => 5 });
  void closing('all', 4);
  expect(done).toEqual(['all', 'all']);
  void closing('few', 3);
  expect(done.slice(2)).toEqual(['few', 'few']);
});

test('a few closings do only those steps that fit into the turn', () => {
  const { share } = held({ few: 3, work: 10 });
  const batches = new Batches(share, unexpected);
  const done: string[] = [];
  const steps = () => Array.from({ length: 20 }, () => () => void done.push('step'));
  void batches.close(['item'], (item) => done.push(item), { steps });
  expect(done).toEqual(['item', ...Array(9).fill('step')]);
  void batches.close(['urgent'], (item) => done.push(item), { steps });
  expect(done.slice(10)).toEqual(['urgent']);
});
