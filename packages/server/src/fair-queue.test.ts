import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

const queueOf = (...items: string[]) => {
  const queue = new FairQueue<string>();
  for (const item of items) queue.push(item, item[0]);
  return queue;
};

/** Everything, in the order in which it is taken out. */
const taken = (queue: FairQueue<string>) => {
  const items: string[] = [];
  while (!queue.isEmpty) items.push(queue.shift() ?? '');
  return items;
};

test('owners take turns, and what one of them brings keeps its order', () => {
  expect(taken(queueOf('a1', 'a2', 'a3', 'b1', 'c1', 'b2'))).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('who comes later waits for one of each owner at most, however much they have', () => {
  const queue = queueOf('a1', 'a2', 'a3', 'c1', 'c2');
  expect(queue.shift()).toBe('a1');
  queue.push('b1', 'b');
  expect(taken(queue)).toEqual(['c1', 'b1', 'a2', 'c2', 'a3']);
});

test('who brings one item after the other keeps nobody waiting either', () => {
  const queue = queueOf('a1', 'b1', 'b2');
  const items: string[] = [];
  for (let i = 2; i < 6; i++) {
    items.push(queue.shift() ?? '');
    queue.push(`a${i}`, 'a');
  }
  expect(items).toEqual(['a1', 'b1', 'b2', 'a2']);
});

test('what is appended waits behind what the same owner has, as if it had come then', () => {
  const queue = queueOf('a1', 'a2');
  queue.append(queueOf('b1', 'a3'));
  expect(taken(queue)).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('an empty queue gives nothing, and takes more', () => {
  const queue = queueOf('a1');
  queue.shift();
  expect([queue.isEmpty, queue.shift()]).toEqual([true, undefined]);
  queue.push('a2', 'a');
  expect(taken(queue)).toEqual(['a2']);
});
