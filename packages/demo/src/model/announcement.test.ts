import { expect, test } from 'vitest';
import { announcement } from './announcement.ts';
import { formFromHash } from './entry-form.ts';
import { type Happening, next, removalRefusal } from './happening.ts';
import type { State } from './state.ts';

const door: State = { at: 'door', form: formFromHash('#room=7', () => 0), refusal: undefined };
const explanation = { effective: 255, cleared: [] };
const mute = { effective: 251, cleared: [] };

test('a screen reader is told who comes and goes, about the connection and about permissions', () => {
  const story: readonly (readonly [Happening, string | undefined])[] = [
    [{ type: 'entering' }, undefined],
    [{ type: 'inside', explanation }, 'You are in room 7.'],
    [{ type: 'personEntered', userId: 'bo' }, 'bo entered.'],
    [{ type: 'sound', userId: 'bo', audible: true }, undefined],
    [{ type: 'reconnecting' }, 'Connection lost. Reconnecting.'],
    [{ type: 'inside', explanation }, 'Connected again.'],
    [{ type: 'explained', explanation: mute }, 'Speak: not allowed any more.'],
    [{ type: 'explained', explanation }, 'Speak: allowed now.'],
    [{ type: 'personLeft', userId: 'bo' }, 'bo left.'],
    [{ type: 'left' }, 'You left the room.'],
  ];
  let state = door as State;
  for (const [happening, said] of story) {
    const after = next(state, happening);
    expect(announcement(state, after)).toBe(said);
    state = after;
  }
});

test.each([
  ['banned', undefined],
  ['kick', undefined],
  ['room_disband', undefined],
  ['banned', 'privateMapKeyExpired'],
])('a screen reader is told why the visitor was put out: %s, %s', (reason, cause) => {
  const inside = next(next(door, { type: 'entering' }), { type: 'inside', explanation });
  const refusal = removalRefusal(reason, cause);
  const said = announcement(inside, next(inside, { type: 'left', refusal }));
  expect(said).toBe(`You are out of room 7. ${refusal.title}. ${refusal.sentence}`);
});
