import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedMap } from './sorted-map.ts';

const steps = fc.record({
  what: fc.constantFrom('set' as const, 'set' as const, 'delete' as const),
  key: fc.nat(3000).map(String),
});

test('a sorted map holds what a map holds, and walks through it in the order of the keys from any key on', () => {
  const every = fc.array(steps, { maxLength: 4000, size: 'max' });
  fc.assert(
    fc.property(every, fc.nat(3000).map(String), (all, from) => {
      const sorted = new SortedMap<number>();
      const plain = new Map<string, number>();
      for (const [count, { what, key }] of all.entries()) {
        if (what === 'set') {
          sorted.set(key, count);
          plain.set(key, count);
        } else {
          sorted.delete(key);
          plain.delete(key);
        }
        if (sorted.get(key) !== plain.get(key)) return false;
      }
      const order = [...plain].sort(([a], [b]) => (a < b ? -1 : 1));
      expect([...sorted.behind('')]).toEqual(order);
      expect([...sorted.behind(from)]).toEqual(order.filter(([key]) => key > from));
      expect([...sorted.values()]).toEqual([...plain.values()]);
      expect(sorted.size).toBe(plain.size);
      return true;
    }),
    { numRuns: 30 },
  );
});
