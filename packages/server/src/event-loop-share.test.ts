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

test('what is done for each of many items goes on beside somebody who always has much to do', async () => {
  const { clock, share } = shared();
  const busy = (until: number) => {
    clock.now = until;
    share.later(busy);
  };
  share.later(busy);
  let done = 0;
  void share.each(Array(1000).keys(), () => {
    clock.now += 1;
    done++;
  });
  for (let turns = 0; turns < 100; turns++) await turn();
  // The first ones at once, and then every second turn.
  expect(done).toBe(6 + 50 * 6);
});

test('two who have something to do for many have their turns in turn', async () => {
  const { clock, share } = shared();
  const done = { ana: 0, bob: 0 };
  for (const name of ['ana', 'bob'] as const)
    void share.each(Array(1000).keys(), () => {
      clock.now += 1;
      done[name]++;
    });
  for (let turns = 0; turns < 100; turns++) await turn();
  expect(done).toEqual({ ana: 6 + 50 * 6, bob: 6 + 50 * 6 });
});

test('a job has ended when its microtasks have, and what they take counts', async () => {
  const { clock, share } = shared();
  const done: string[] = [];
  /** Work of 4 ms, half of it in its microtasks. */
  const work = (name: string) => async () => {
    clock.now += 2;
    for (let i = 0; i < 5; i++) await undefined;
    clock.now += 2;
    done.push(name);
  };
  for (const name of ['a', 'b', 'c']) share.later(work(name));
  await turn();
  expect(done).toEqual(['a', 'b']);
  await turn();
  expect(done).toEqual(['a', 'b', 'c']);
});

test('one job is done in each turn, however long it takes, and what comes meanwhile waits behind the others', async () => {
  const { clock, share } = shared();
  const done: string[] = [];
  const work = (name: string) => () => {
    clock.now += 100;
    done.push(name);
    if (name === 'a') share.later(work('late'));
  };
  for (const name of ['a', 'b']) share.later(work(name));
  await turn();
  expect(done).toEqual(['a']);
  await turn();
  await turn();
  expect(done).toEqual(['a', 'b', 'late']);
});

test('an owner of many jobs keeps others waiting for one of them only', async () => {
  const { clock, share } = shared();
  const done: string[] = [];
  const work = (name: string) => () => {
    clock.now += 4;
    done.push(name);
  };
  for (const name of ['a1', 'a2', 'a3', 'a4']) share.later(work(name), 'a');
  await turn();
  share.later(work('b'), 'b');
  await turn();
  expect(done).toEqual(['a1', 'a2', 'b', 'a3']);
});

test('who asks for more in each turn, and takes all of it, lets other owners go on', async () => {
  const { clock, share } = shared();
  const done: string[] = [];
  const endless = (until: number) => {
    clock.now = until;
    share.later((next) => endless(next));
  };
  share.later(endless);
  for (const name of ['a1', 'a2', 'a3']) share.later(() => done.push(name), 'a');
  for (let i = 0; i < 8; i++) await turn();
  expect(done).toEqual(['a1', 'a2', 'a3']);
});
