import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PageGatherer, pageOf } from './page-of.ts';

const page = fc.record({
  after: fc.option(fc.nat(60).map(String), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 9 }),
});

test('a page that is gathered from things in no order is the page of the sorted things', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60).map(String)), page, (keys, asked) => {
      const gathered = new PageGatherer<string, string>(asked.after ?? '', asked.limit);
      for (const key of keys) gathered.add(key, `row ${key}`);
      const behind = keys.filter((key) => key > (asked.after ?? '')).sort();
      const rows = behind.slice(0, asked.limit);
      expect(pageOf(gathered.ordered, asked.limit)).toEqual({
        rows: rows.map((key) => `row ${key}`),
        next: behind.length > asked.limit ? { next: rows.at(-1) } : {},
      });
    }),
  );
});

test('a page of things in order takes one thing more than it shows, and no others', () => {
  let taken = 0;
  const endless = function* (): Iterable<readonly [string, number]> {
    for (;;) yield [String(++taken), taken];
  };
  expect(pageOf(endless(), 3)).toEqual({ rows: [1, 2, 3], next: { next: '3' } });
  expect(taken).toBe(4);
});
