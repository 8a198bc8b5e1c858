import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { WorkerAnswers } from './worker-answers.ts';

/** A worker that counts how often it is asked for an answer, and answers and says something when the test says so. */
function quiet() {
  const asked: (() => void)[] = [];
  let bytes = 0;
  const getResourceUsage = () =>
    new Promise<types.WorkerResourceUsage>((resolve) => {
      asked.push(() => resolve({} as types.WorkerResourceUsage));
    });
  const worker = { getResourceUsage } as types.Worker;
  const answers = new WorkerAnswers({ worker, said: () => bytes }, () => {});
  return { answers, asked, says: () => bytes++ };
}

test('a worker is asked for an answer after each closing with which many objects go, and once for many small ones', () => {
  const { answers, asked } = quiet();
  answers.closing(1);
  expect(asked).toHaveLength(1);
  for (let closed = 0; closed < 49; closed++) answers.closing(1);
  const small = asked.length;
  for (let closed = 0; closed < 20; closed++) answers.closing(1000);
  expect(asked).toHaveLength(small + 20);
});

test('a worker that says nothing has not done in time what was asked of it', async () => {
  const { answers } = quiet();
  await expect(answers.confirm(100)).resolves.toBe(false);
});

test.each(['answers something else', 'says anything'])('a worker that %s has its time anew', async (sign) => {
  const { answers, asked, says } = quiet();
  const begun = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - begun > 600) asked[0]?.();
    else if (sign === 'says anything') says();
    else answers.answered();
  }, 5);
  await expect(answers.confirm(100)).resolves.toBe(true);
  expect(performance.now() - begun).toBeGreaterThan(500);
  clearInterval(timer);
});

test('a worker that says something all the time and never answers has not done what was asked of it', async () => {
  const { answers, says } = quiet();
  const timer = setInterval(says, 5);
  await expect(answers.confirm(50)).resolves.toBe(false);
  clearInterval(timer);
});
