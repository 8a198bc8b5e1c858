import { expect, test } from 'vitest';
import { PathSilence } from './path-silence.ts';

const reading = (asked: number, answered: number, packets: number) => ({
  asked,
  answered,
  packets,
});

/** What is said of readings, one a second. */
function said(...readings: [asked: number, answered: number, packets: number][]): boolean[] {
  const silence = new PathSilence();
  return readings.map((each, second) => silence.isSilent(reading(...each), second * 1000));
}

test('a path is silent when nothing comes and checks stay unanswered', () => {
  expect(said([5, 5, 100], [5, 5, 150], [6, 5, 150], [9, 5, 150], [14, 5, 150])).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

test('a path over which nothing has to come is not silent: its checks are answered', () => {
  expect(said([5, 5, 100], [5, 5, 100], [6, 6, 100], [6, 6, 100], [6, 6, 100], [7, 7, 100])).not.toContain(
    true,
  );
});

test('a single check that got lost is no silence', () => {
  expect(said([5, 5, 100], [6, 5, 100], [6, 5, 100], [6, 5, 100])).not.toContain(true);
});

test('packets that come make up for checks that are not answered', () => {
  expect(said([5, 5, 100], [9, 5, 110], [14, 5, 120], [19, 5, 130])).not.toContain(true);
});

test('a pair of addresses that is given up takes its counts with it, and makes no silence', () => {
  expect(said([50, 40, 1000], [55, 40, 1000], [3, 1, 0], [4, 1, 0], [4, 2, 20])).not.toContain(true);
});

test('a browser that counts no checks makes no silence', () => {
  expect(said([0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0])).not.toContain(true);
});

test('what follows a reset is held against nothing before', () => {
  const silence = new PathSilence();
  silence.isSilent(reading(5, 5, 100), 0);
  silence.isSilent(reading(9, 5, 100), 1000);
  silence.reset();
  expect(silence.isSilent(reading(9, 5, 100), 9000)).toBe(false);
});
