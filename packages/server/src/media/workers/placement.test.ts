import { expect, test } from 'vitest';
import { leastLoaded, type WorkerLoad } from './placement.ts';

const worker = (cpu: number, more: Partial<WorkerLoad> = {}): WorkerLoad => ({
  cpu,
  openedSince: 0,
  rooms: 0,
  ...more,
});

test('no worker is chosen from none', () => {
  expect(leastLoaded([])).toBeUndefined();
});

test('the worker that uses least of its core is chosen, however many rooms it has', () => {
  const idle = worker(0.1, { rooms: 50 });
  expect(leastLoaded([worker(0.6), idle, worker(0.4)])).toBe(idle);
});

test('a difference within the noise of a sample leaves the choice to the number of rooms', () => {
  const emptier = worker(0.021, { rooms: 1 });
  expect(leastLoaded([worker(0.012, { rooms: 3 }), emptier])).toBe(emptier);
});

test('among equals the first is chosen', () => {
  const first = worker(0);
  expect(leastLoaded([first, worker(0)])).toBe(first);
});

test('what was opened since the last sample counts before it is measured', () => {
  const quiet = worker(0.2);
  expect(leastLoaded([worker(0.1, { openedSince: 200 }), quiet])).toBe(quiet);
});

test('rooms opened in a burst are spread over idle workers', () => {
  const rooms = [0, 0, 0];
  for (let room = 0; room < 9; room++) {
    const loads = rooms.map((count, index) => ({ ...worker(0, { rooms: count }), index }));
    const chosen = leastLoaded(loads)?.index ?? 0;
    rooms[chosen] = (rooms[chosen] ?? 0) + 1;
  }
  expect(rooms).toEqual([3, 3, 3]);
});
