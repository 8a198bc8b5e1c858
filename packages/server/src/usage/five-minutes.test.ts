import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOf, piecesOf } from './five-minutes.ts';

const at = (text: string) => Date.parse(text);
const pieces = (from: string, milliseconds: number) => [...piecesOf(at(from), milliseconds)];

test('a span within five minutes is one piece, and one without length is none', () => {
  const day = dayOf(at('2026-03-01T00:00:00Z'));
  expect(pieces('2026-03-01T10:06:00Z', 1000)).toEqual([{ day, fiveMinutes: 121, milliseconds: 1000 }]);
  expect(pieces('2026-03-01T10:05:00Z', 0)).toEqual([]);
});

test('a span over midnight is divided at midnight, in UTC', () => {
  const day = dayOf(at('2026-02-28T00:00:00Z'));
  expect(pieces('2026-02-28T23:56:00Z', 480_000)).toEqual([
    { day, fiveMinutes: 287, milliseconds: 240_000 },
    { day: day + 1, fiveMinutes: 0, milliseconds: 240_000 },
  ]);
});

test('the pieces of a span are as long as the span, and none is longer than five minutes', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 41), fc.nat(100_000_000), (from, milliseconds) => {
      const all = [...piecesOf(from, milliseconds)];
      expect(all.reduce((sum, piece) => sum + piece.milliseconds, 0)).toBe(milliseconds);
      for (const piece of all) {
        expect(piece.milliseconds).toBeLessThanOrEqual(300_000);
        expect(piece.fiveMinutes).toBeGreaterThanOrEqual(0);
        expect(piece.fiveMinutes).toBeLessThan(288);
      }
    }),
  );
});
