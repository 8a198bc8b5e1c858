import { expect, test } from 'vitest';
import { circularImports } from './import-circles.ts';

const edges = (...pairs: string[]) =>
  pairs.map((pair) => {
    const [file = '', target = ''] = pair.split(' > ');
    return { file, target };
  });

test.each([
  ['no imports', []],
  ['a chain', ['a > b', 'b > c']],
  ['two ways to one file', ['a > b', 'a > c', 'b > d', 'c > d']],
])('%s: no circle', (_title, pairs) => {
  expect(circularImports(edges(...pairs))).toEqual([]);
});

test('a file that imports itself is a circle', () => {
  expect(circularImports(edges('a > a', 'a > b'))).toEqual(edges('a > a'));
});

test('a circle is found without the files before and behind it', () => {
  const found = circularImports(
    edges('before > a', 'a > b', 'b > c', 'c > a', 'c > behind', 'behind > last'),
  );
  expect(found).toEqual(edges('a > b', 'b > c', 'c > a'));
});

test('of two circles, what leads from one to the other is no part of either', () => {
  const found = circularImports(edges('a > b', 'b > a', 'b > between', 'between > c', 'c > d', 'd > c'));
  expect(found).toEqual(edges('a > b', 'b > a', 'c > d', 'd > c'));
});
