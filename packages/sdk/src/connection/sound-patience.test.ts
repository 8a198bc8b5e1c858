import { expect, test } from 'vitest';
import type { SoundReading } from './reading.ts';
import { SoundPatience } from './sound-patience.ts';

/** The seconds at which the one sound is made to wait longer or less, and the milliseconds. */
function changes(
  seconds: number,
  at: (second: number) => Pick<SoundReading, 'late' | 'asked'>,
): [number, number][] {
  const patience = new SoundPatience();
  const told: [number, number][] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const ms = patience.look([{ trackId: 'a', ...at(second) }], second * 1000).get('a');
    if (ms !== undefined) told.push([second, ms]);
  }
  return told;
}

test('a sound whose packets go on coming too late waits longer, step by step', () => {
  expect(changes(20, (second) => ({ late: 2 * second, asked: 2 * second }))).toEqual([
    [2, 200],
    [4, 300],
    [6, 400],
    [8, 500],
  ]);
});

test('a sound that waits long enough goes on waiting as long as packets get lost, and then less', () => {
  const at = (second: number) => ({ late: Math.min(second, 2), asked: Math.min(second, 60) });
  expect(changes(100, at)).toEqual([
    [2, 200],
    [90, 0],
  ]);
});

test('it waits less one step after the other', () => {
  const at = (second: number) => ({ late: Math.min(second, 4), asked: 0 });
  expect(changes(100, at)).toEqual([
    [2, 200],
    [4, 300],
    [34, 200],
    [64, 0],
  ]);
});

test('a single gust of late packets changes nothing', () => {
  expect(changes(100, (second) => ({ late: 9 * Math.floor(second / 6), asked: second }))).toEqual([]);
});

test('what got lost and came in time changes nothing', () => {
  expect(changes(100, (second) => ({ late: 0, asked: 3 * second }))).toEqual([]);
});

test('packets that came too late before the first look do not count', () => {
  expect(changes(10, () => ({ late: 50, asked: 50 }))).toEqual([]);
});

test('each sound is judged by itself, and one that is received anew begins anew', () => {
  const patience = new SoundPatience();
  const look = (second: number, ...sounds: [string, number][]) =>
    patience.look(
      sounds.map(([trackId, late]) => ({ trackId, late, asked: 0 })),
      second * 1000,
    );
  look(0, ['a', 0], ['b', 0]);
  look(1, ['a', 1], ['b', 0]);
  expect(look(2, ['a', 2], ['b', 0])).toEqual(new Map([['a', 200]]));
  expect(look(3, ['b', 0])).toEqual(new Map());
  look(4, ['a', 7], ['b', 0]);
  expect(look(5, ['a', 8], ['b', 0])).toEqual(new Map());
});
