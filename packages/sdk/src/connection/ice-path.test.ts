import { describe, expect, test } from 'vitest';
import { type IcePath, newPath, nextPath, type PathHappening } from './ice-path.ts';

const after = (path: IcePath, ...happenings: PathHappening[]): IcePath => happenings.reduce(nextPath, path);

/** A path that is lost `times` times and whose restart has its full time and fails. */
const failing = (times: number): PathHappening[] =>
  Array.from({ length: times }, (): PathHappening[] => ['restarted', 'timeUp']).flat();

describe('a restart that failed', () => {
  test('is one that was made and had its time, and no change of state', () => {
    const changes: PathHappening[] = ['lost', 'lost', 'lost', 'lost', 'lost', 'lost', 'lost'];
    expect(after(newPath, ...changes)).toMatchObject({ at: 'asking', failed: 0 });
    expect(after(newPath, 'lost', 'restarted', ...changes)).toMatchObject({ at: 'trying', failed: 0 });
    expect(after(newPath, 'lost', 'restarted', 'timeUp')).toMatchObject({ at: 'asking', failed: 1 });
  });

  test('is none that the server refused or that was never answered', () => {
    const path = after(newPath, 'lost', 'refused');
    expect(path).toMatchObject({ at: 'waiting', failed: 0 });
    expect(after(path, 'timeUp')).toMatchObject({ at: 'asking', failed: 0 });
    expect(after(newPath, 'lost', 'timeUp')).toMatchObject({ at: 'asking', failed: 0 });
  });

  test.each([
    ['the path is back', ['connected', 'lost']],
    ['the signaling went and came back', ['signalingLost', 'signalingBack']],
  ] as const)('is forgotten when %s', (_, between) => {
    const path = after(newPath, 'lost', ...failing(4));
    expect(path.failed).toBe(4);
    expect(after(path, ...between)).toMatchObject({ at: 'asking', failed: 0 });
  });
});

describe('a path is blocked', () => {
  test('after five restarts failed, when it never worked', () => {
    expect(after(newPath, 'lost', ...failing(4)).at).toBe('asking');
    expect(after(newPath, 'lost', ...failing(5)).at).toBe('blocked');
  });

  test('after twenty, when it once worked', () => {
    const worked = after(newPath, 'connected', 'lost');
    expect(after(worked, ...failing(19)).at).toBe('asking');
    expect(after(worked, ...failing(20)).at).toBe('blocked');
  });

  test('until it connects after all', () => {
    const blocked = after(newPath, 'lost', ...failing(5));
    expect(after(blocked, 'lost', 'signalingBack', 'timeUp')).toBe(blocked);
    expect(after(blocked, 'connected').at).toBe('well');
  });
});

test('who cannot ask waits, and asks when the signaling is back', () => {
  const path = after(newPath, 'connected', 'lost', 'signalingLost');
  expect(path.at).toBe('waiting');
  expect(after(path, 'lost')).toBe(path);
  expect(after(path, 'signalingBack').at).toBe('asking');
});

test('a path that works does not heed what becomes of the signaling', () => {
  const well = after(newPath, 'connected');
  expect(after(well, 'signalingLost', 'signalingBack', 'restarted', 'refused', 'timeUp')).toBe(well);
});

test('who comes into another network asks at once, also while a restart has its time', () => {
  const trying = after(newPath, 'connected', 'lost', 'restarted');
  expect(after(trying, 'moved')).toMatchObject({ at: 'asking', failed: 0 });
  expect(after(newPath, 'connected', 'moved').at).toBe('asking');
  const asking = after(newPath, 'lost');
  expect(after(asking, 'moved')).toBe(asking);
});
