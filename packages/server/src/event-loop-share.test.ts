import { expect, test } from 'vitest';
import { EventLoopShare } from './event-loop-share.ts';

const limits = { ms: 6, work: 500, notices: 120, many: 100, few: 8 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A share on a clock that only work moves on. */
function shared() {
  const clock = { now: 0 };
  return { clock, share: new EventLoopShare(limits, () => clock.now) };
}

test('who has much to do shares the time of one turn with the others, and goes on in the next ones', async () => {
  const { clock, share } = shared();
  const done: string[] = [];
  const work = (name: string, pieces: number) => {
    const go = (until: number) => {
      for (; pieces > 0 && clock.now < until; pieces--) {
        clock.now += 2;
        done.push(name);
      }
      if (pieces > 0) share.later(go);
    };
    share.later(go);
  };
  work('a', 4);
  work('b', 1);
  work('c', 1);
  await turn();
  expect(done).toEqual(['a', 'a', 'a']);
  await turn();
  expect(done.slice(3)).toEqual(['b', 'c', 'a']);
});

test('a job for each of many items is divided over turns', async () => {
  const { clock, share } = shared();
  const done: number[] = [];
  const all = share.each([1, 2, 3, 4, 5], (item) => {
    done.push(item);
    clock.now += 4;
  });
  expect(done).toEqual([1, 2]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
  await all;
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('what the job throws is heard, and the rest is not done', async () => {
  const done: number[] = [];
  const job = (item: number) => {
    if (item === 2) throw new Error('no');
    done.push(item);
  };
  await expect(new EventLoopShare().each([1, 2, 3], job)).rejects.toThrow('no');
  expect(done).toEqual([1]);
});
