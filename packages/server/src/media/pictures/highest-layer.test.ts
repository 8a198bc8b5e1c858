import { expect, test } from 'vitest';
import { HighestLayer } from './highest-layer.ts';

/** The highest of three, and what the engine was told. */
function three() {
  const told: number[] = [];
  return { told, highest: new HighestLayer(2, (layer) => told.push(layer)) };
}

test('the lowest is held until each who holds it has released it, and the engine is told of changes alone', () => {
  const { told, highest } = three();
  const [one, other] = [{}, {}];
  for (const by of [one, other, one]) highest.hold(by);
  expect([highest.now, highest.isHeld, told]).toEqual([0, true, [0]]);
  highest.release(one);
  highest.release({});
  expect(highest.isHeld).toBe(true);
  highest.release(other);
  highest.release(other);
  expect([highest.now, highest.isHeld, told]).toEqual([2, false, [0, 2]]);
});

test('what is wished while the lowest is held is told when it is released', () => {
  const { told, highest } = three();
  expect([highest.wish(2), highest.wish(1), highest.wish(1)]).toEqual([false, true, false]);
  expect([highest.told, highest.say(), highest.told]).toEqual([2, 1, 1]);
  highest.hold(told);
  expect(highest.wish(2)).toBe(true);
  highest.release(told);
  expect(told).toEqual([0, 2]);
});

test('a wish that was said late says what holds then', () => {
  const { told, highest } = three();
  highest.wish(1);
  highest.hold(told);
  expect(highest.say()).toBe(0);
  highest.wish(0);
  highest.release(told);
  expect([highest.told, told]).toEqual([0, [0]]);
});

test('the lowest may be held from the beginning', () => {
  const told: number[] = [];
  const holder = {};
  const highest = new HighestLayer(1, (layer) => told.push(layer), [holder]);
  expect([highest.now, highest.told]).toEqual([0, 0]);
  highest.release(holder);
  expect(told).toEqual([1]);
});

test('who wishes for the lowest anyway is told nothing', () => {
  const { told, highest } = three();
  highest.wish(0);
  highest.say();
  highest.hold(told);
  highest.release(told);
  expect(told).toEqual([]);
});
