import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { WorkerAnswers } from './worker-answers.ts';

/** A worker that counts how often it is asked for an answer, and gives none. */
function silent() {
  let asked = 0;
  const getResourceUsage = () => {
    asked++;
    return new Promise<types.WorkerResourceUsage>(() => {});
  };
  const answers = new WorkerAnswers({ getResourceUsage } as types.Worker, () => {});
  return { answers, asked: () => asked };
}

test('a worker is asked for an answer after each closing with which many objects go, and once for many small ones', () => {
  const { answers, asked } = silent();
  answers.closing(1);
  expect(asked()).toBe(1);
  for (let closed = 0; closed < 49; closed++) answers.closing(1);
  const small = asked();
  for (let closed = 0; closed < 20; closed++) answers.closing(1000);
  expect(asked()).toBe(small + 20);
});
