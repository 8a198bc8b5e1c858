import { expect, test } from 'vitest';
import { FrozenPictures } from './frozen-pictures.ts';

/** The seconds at which the one picture is to be mended, and the number of each attempt. */
function attempts(
  seconds: number,
  at: (second: number) => { packets: number; frames: number },
  streamType: 'main' | 'sub' = 'main',
): [number, number][] {
  const frozen = new FrozenPictures();
  const found: [number, number][] = [];
  for (let second = 0; second < seconds; second += 1) {
    const attempt = frozen
      .look([{ key: 'bob/main', streamType, ...at(second) }], second * 1000)
      .get('bob/main');
    if (attempt !== undefined) found.push([second, attempt]);
  }
  return found;
}

test('a picture whose packets come and of which nothing is decoded is mended after three seconds, then ever more seldom', () => {
  expect(attempts(250, (second) => ({ packets: second * 30, frames: 5 }))).toEqual([
    [3, 1],
    [9, 2],
    [21, 3],
    [45, 4],
    [93, 5],
    [153, 6],
    [213, 7],
  ]);
});

test('a screen, whose pages are large, is mended after ten seconds', () => {
  const nothing = (second: number) => ({ packets: second * 30, frames: 5 });
  expect(attempts(100, nothing, 'sub')).toEqual([
    [10, 1],
    [30, 2],
    [70, 3],
  ]);
});

test('a picture that is decoded, however seldom, is not', () => {
  expect(attempts(60, (second) => ({ packets: second * 30, frames: Math.floor(second / 2) }))).toEqual([]);
});

test('a picture of which nothing comes is not', () => {
  expect(attempts(60, () => ({ packets: 100, frames: 5 }))).toEqual([]);
});

test('a picture that was decoded again begins a new count', () => {
  const at = (second: number) => ({
    packets: second * 30,
    frames: second === 5 ? 1 : 0 + Number(second > 5),
  });
  expect(attempts(9, at)).toEqual([
    [3, 1],
    [8, 1],
  ]);
});

test('what is received anew under the same key goes on with the count', () => {
  const at = (second: number) => ({ packets: second < 4 ? second * 30 : (second - 4) * 30, frames: 0 });
  expect(attempts(11, at)).toEqual([
    [3, 1],
    [10, 2],
  ]);
});
