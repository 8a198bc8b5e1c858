import { expect, test } from 'vitest';
import { WorkerResources } from './worker-resources.ts';

/** A worker that has what the test says, once it was looked at. */
function worker() {
  const now = { short: false, full: false };
  const seen = { ...now };
  const told: string[] = [];
  const looked = async (what: 'short' | 'full') => {
    await Promise.resolve();
    seen[what] = now[what];
  };
  const resources = new WorkerResources({
    placeId: 'worker-1',
    descriptors: {
      get short() {
        return seen.short;
      },
      figures: undefined,
      look: () => looked('short'),
    },
    memory: {
      get full() {
        return seen.full;
      },
      figures: undefined,
      look: () => looked('full'),
    },
    log: (level) => told.push(level),
    enoughAgain: () => told.push('enough again'),
  });
  return { now, told, resources };
}

test('what a worker lacks, and has again, is told once, however many look at the same time', async () => {
  const { now, told, resources } = worker();
  now.full = true;
  await Promise.all([resources.look(), resources.look()]);
  expect(told).toEqual(['error']);
  expect([resources.short, resources.full, resources.isWornOut]).toEqual([false, true, false]);
  now.full = false;
  await Promise.all([resources.look(), resources.look()]);
  expect(told).toEqual(['error', 'info', 'enough again']);
  now.full = true;
  await resources.look();
  expect(resources.isWornOut).toBe(true);
});

test('a worker that lacks two things has enough when it has both again, also when it has them at the same look', async () => {
  const { now, told, resources } = worker();
  Object.assign(now, { short: true, full: true });
  await resources.look();
  now.short = false;
  await resources.look();
  expect(told).toEqual(['error', 'error', 'info']);
  now.full = false;
  await resources.look();
  expect(told.slice(3)).toEqual(['info', 'enough again']);
  Object.assign(now, { short: true, full: true });
  await resources.look();
  Object.assign(now, { short: false, full: false });
  await resources.look();
  expect(told.filter((what) => what === 'enough again')).toHaveLength(2);
});
