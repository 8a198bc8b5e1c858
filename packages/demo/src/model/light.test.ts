import { expect, test } from 'vitest';
import { lightsOf } from './light.ts';

const dark = (permission: string, operand: string, cause = operand) => ({ permission, operand, cause });

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
