import { expect, test } from 'vitest';
import { usageJson, usageText } from './text.ts';

const MINUTE = 60_000;
const row = (more: object = {}) => ({
  day: '2026-11-20',
  sdkAppId: 7,
  room: { roomId: 5 },
  core: 1000 * MINUTE,
  outer: 90_000,
  ...more,
});

test('minutes are shown by day, application and room, with their sum', () => {
  const text = usageText([row(), row({ sdkAppId: 8, room: { strRoomId: '5' } })], undefined);
  expect(text.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['DAY', 'SDKAPPID', 'CORE', 'OUTER', 'ROOM'],
    ['2026-11-20', '7', '1,000.0', '1.5', '5'],
    ['2026-11-20', '8', '1,000.0', '1.5', '"5"'],
    ['total', '-', '2,000.0', '3.0', '-'],
  ]);
});

test('the sum is that of the times, not of the rounded minutes', () => {
  const short = row({ core: 2000, outer: 0 });
  const total = usageText([short, short, short], undefined).split('\n').at(-1);
  expect(total?.split(/ {2,}/)).toEqual(['total', '-', '0.1', '0.0', '-']);
});

test('with prices it shows what it cost, and what it would have cost had everybody been on core', () => {
  const prices = { core: 4, outer: 1 };
  const [, first = ''] = usageText([row({ outer: 1000 * MINUTE })], prices).split('\n');
  expect(first.split(/ {2,}/).slice(2, 6)).toEqual(['1,000.0', '1,000.0', '5.00', '8.00']);
  expect(usageJson([row({ outer: 1000 * MINUTE })], prices)).toEqual({
    days: [
      {
        day: '2026-11-20',
        sdkAppId: 7,
        room: { roomId: 5 },
        coreMinutes: 1000,
        outerMinutes: 1000,
        cost: 5,
        allOnCore: 8,
      },
    ],
    total: { coreMinutes: 1000, outerMinutes: 1000, cost: 5, allOnCore: 8 },
    prices,
  });
});

test('without usage the text says so, and the JSON has no days', () => {
  expect(usageText([], { core: 4, outer: 1 })).toBe('There is no usage in these days.');
  expect(usageJson([], undefined)).toEqual({ days: [], total: { coreMinutes: 0, outerMinutes: 0 } });
});
