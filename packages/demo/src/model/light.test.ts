import type { Actor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { blameWords, lightsOf } from './light.ts';

const operator = (id: string): Actor => ({ type: 'operator', id });
const ana: Actor = { type: 'user', id: 'ana' };

const dark = (permission: string, operand: string, cause = operand, actor = ana) => ({
  permission,
  operand,
  cause,
  actor,
  since: 1_700_000_000_000,
});

test('every bit in force is lit, and a lit one needs no reason', () => {
  const lights = lightsOf({ effective: 255, cleared: [] });
  expect(lights.map(({ name, lit, why }) => [name, lit, why])).toEqual([
    ['createRoom', true, ''],
    ['enterRoom', true, ''],
    ['sendAudio', true, ''],
    ['recvAudio', true, ''],
    ['sendVideo', true, ''],
    ['recvVideo', true, ''],
    ['sendSub', true, ''],
    ['recvSub', true, ''],
  ]);
});

test('a dark one says what keeps it dark, each reason once in the order of the explanation', () => {
  const lights = lightsOf({
    effective: 251,
    cleared: [dark('sendAudio', 'held'), dark('sendAudio', 'role')],
  });
  expect(lights.filter(({ lit }) => !lit)).toMatchObject([
    { name: 'sendAudio', why: 'Not in your ticket. The audience of a live room does not send.' },
  ]);
});

test.each(['held', 'role', 'authority', 'denied', 'lapsed', 'capped'])(
  'an operand called %s has a reason in plain words',
  (operand) => {
    const [light] = lightsOf({ effective: 254, cleared: [dark('createRoom', operand, 'code')] });
    expect(light?.why).toMatch(/^[A-Z].* .*\.$/);
    expect(light?.why).not.toContain('code');
  },
);

test('an operand that this page does not know is named as it is', () => {
  const [light] = lightsOf({ effective: 254, cleared: [dark('createRoom', 'paused', 'operator')] });
  expect(light?.why).toBe('paused: operator.');
});

test.each([
  ['held', 'privateMapKey', ana, 'Since 22:13:20, by you.'],
  ['denied', 'too loud', operator('olga'), 'Since 22:13:20, by operator olga: “too loud”.'],
  ['denied', 'operator', operator('ana'), 'Since 22:13:20, by operator ana.'],
  ['lapsed', 'keyExpired', { type: 'system' } as const, 'Since 22:13:20.'],
])('a bit that is dark by %s (%s) tells since when and by whom', (operand, cause, actor, words) => {
  const [light] = lightsOf({ effective: 254, cleared: [dark('createRoom', operand, cause, actor)] });
  expect(light && blameWords(light, 'ana', (at) => at.toISOString().slice(11, 19))).toBe(words);
});

test('a lit bit blames nobody', () => {
  const [light] = lightsOf({ effective: 255, cleared: [] });
  expect(light && blameWords(light, 'ana', String)).toBe('');
});
