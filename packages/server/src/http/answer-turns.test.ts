import { expect, test } from 'vitest';
import { AnswerTurns } from './answer-turns.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Turns on a clock that only work moves on. */
function turnsOnClock() {
  const clock = { now: 0 };
  const done: string[] = [];
  const turns = new AnswerTurns(() => clock.now);
  /** Work of so many milliseconds, half of it in its microtasks. */
  const work = (name: string, ms: number) =>
    turns.later(async () => {
      clock.now += ms / 2;
      for (let i = 0; i < 5; i++) await undefined;
      clock.now += ms / 2;
      done.push(name);
    });
  return { done, turns, work };
}

test('work is done in later turns, in its order, and only so much in each', async () => {
  const { done, work } = turnsOnClock();
  for (const name of ['a', 'b', 'c', 'd', 'e']) work(name, 4);
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['a', 'b']);
  await turn();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  await turn();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('what comes meanwhile waits behind what was there', async () => {
  const { done, turns, work } = turnsOnClock();
  turns.later(() => work('late', 1));
  for (const name of ['a', 'b']) work(name, 8);
  await turn();
  expect(done).toEqual(['a']);
  await turn();
  await turn();
  expect(done).toEqual(['a', 'b', 'late']);
});

test('one piece is done in each turn, however long it takes', async () => {
  const { done, work } = turnsOnClock();
  for (const name of ['a', 'b']) work(name, 100);
  await turn();
  expect(done).toEqual(['a']);
  await turn();
  expect(done).toEqual(['a', 'b']);
});
