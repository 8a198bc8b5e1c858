import { expect, test } from 'vitest';
import { overriding } from './overriding.ts';

class Counter {
  #count = 0;
  readonly step = 2;

  add(): number {
    this.#count += this.step;
    return this.#count;
  }

  get count(): number {
    return this.#count;
  }
}

test('what is not overridden works on the object itself, with its private fields', () => {
  const counter = new Counter();
  const other = overriding(counter, { add: () => counter.add() * 100 });
  expect([other.add(), counter.add(), other.count, other.step]).toEqual([200, 4, 4, 2]);
});
