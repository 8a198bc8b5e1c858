import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../system-clock.ts';
import { PageLink } from './page-link.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A link for pages, and what its screens hear. */
function opened() {
  const world = { available: 500_000 };
  const probes: number[] = [];
  const link = new PageLink({
    available: async () => world.available,
    probe: (needed) => probes.push(needed),
    after: (ms, job) => systemClock.after(ms, job),
  });
  const heard: boolean[] = [];
  const leave = link.add((isNarrow) => heard.push(isNarrow));
  return { link, world, probes, heard, leave };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);

test('a link is narrow for twenty seconds, and then as long as a probe shows that it is', async () => {
  const { link, world, probes, heard } = opened();
  link.failed();
  expect([link.isNarrow, heard]).toEqual([true, [true]]);
  await seconds(19.9);
  expect(probes).toEqual([]);
  await seconds(0.2);
  expect(probes).toEqual([1_500_000]);
  await seconds(4);
  expect(heard).toEqual([true]);
  world.available = 1_200_000;
  // In vain, so the next time is twice as far away.
  await seconds(39.8);
  expect(probes).toHaveLength(1);
  await seconds(4.2);
  expect([link.isNarrow, heard, probes]).toEqual([false, [true, false], [1_500_000, 1_500_000]]);
  expect(vi.getTimerCount()).toBe(0);
});

test('what fails again meanwhile begins the time anew, and nobody hears it twice', async () => {
  const { link, probes, heard } = opened();
  link.failed();
  await seconds(15);
  link.failed();
  await seconds(15);
  expect(probes).toEqual([]);
  await seconds(6);
  expect(probes).toHaveLength(1);
  expect(heard).toEqual([true]);
});

test('an estimate of a megabit makes no link narrow', () => {
  const { link } = opened();
  link.heard(1_000_000);
  expect(link.isNarrow).toBe(false);
});

test('a screen that comes later hears that the link is narrow, one that has left hears nothing', async () => {
  const { link, heard } = opened();
  const left: boolean[] = [];
  link.add((isNarrow) => left.push(isNarrow))();
  link.failed();
  const later: boolean[] = [];
  link.add((isNarrow) => later.push(isNarrow));
  expect([heard, later, left]).toEqual([[true], [true], []]);
});

test('a low estimate makes a link narrow, and does not put the probe off when it is told again and again', async () => {
  const { link, probes, heard } = opened();
  for (let passed = 0; passed < 21; passed++) {
    link.heard(999_999);
    await seconds(1);
  }
  expect(heard).toEqual([true]);
  expect(probes).toHaveLength(1);
});

test('without a screen nobody cares for estimates, and the link is probed no more', async () => {
  const { link, probes, leave } = opened();
  link.failed();
  leave();
  await seconds(21);
  expect([probes, link.isNarrow, link.hasScreens]).toEqual([[], false, false]);
  link.heard(999_999);
  expect(link.isNarrow).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});
