import { expect, test } from 'vitest';
import { connectionState, next, type RoomHappening, type RoomState } from './state.ts';

const steps: [RoomState, RoomHappening['type'], RoomState][] = [
  [{ at: 'out' }, 'enter', { at: 'entering' }],
  [{ at: 'entering' }, 'accepted', { at: 'inside' }],
  [{ at: 'entering' }, 'left', { at: 'out' }],
  [{ at: 'inside' }, 'dropped', { at: 'lost' }],
  [{ at: 'lost' }, 'attempt', { at: 'reentering', attempt: 1 }],
  [{ at: 'reentering', attempt: 1 }, 'attempt', { at: 'reentering', attempt: 2 }],
  [{ at: 'reentering', attempt: 3 }, 'accepted', { at: 'inside' }],
  [{ at: 'reentering', attempt: 3 }, 'left', { at: 'out' }],
  [{ at: 'inside' }, 'left', { at: 'out' }],
];

test.each(steps)('%j and %s is %j', (state, type, after) => {
  expect(next(state, { type })).toEqual(after);
});

test('what does not fit a state changes nothing', () => {
  const states: RoomState[] = [
    { at: 'out' },
    { at: 'entering' },
    { at: 'inside' },
    { at: 'lost' },
    { at: 'reentering', attempt: 1 },
  ];
  for (const state of states) {
    for (const type of ['enter', 'accepted', 'dropped', 'attempt', 'left'] as const) {
      const fits = steps.some(([from, happening]) => from.at === state.at && happening === type);
      if (!fits && !(state.at === 'lost' && type === 'left')) expect(next(state, { type })).toBe(state);
    }
  }
});

test('each state has the name that the vendor gives it', () => {
  expect(connectionState({ at: 'out' })).toBe('DISCONNECTED');
  expect(connectionState({ at: 'entering' })).toBe('CONNECTING');
  expect(connectionState({ at: 'inside' })).toBe('CONNECTED');
  expect(connectionState({ at: 'lost' })).toBe('DISCONNECTED');
  expect(connectionState({ at: 'reentering', attempt: 4 })).toBe('CONNECTING');
});
