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
  highest.hold(told);
  expect(highest.wish(2)).toBe(true);
  highest.release(told);
  expect(told).toEqual([0, 2]);
});

test('who wishes for the lowest anyway is told nothing', () => {
  const { told, highest } = three();
  highest.wish(0);
  highest.hold(told);
  highest.release(told);
  expect(told).toEqual([]);
});
