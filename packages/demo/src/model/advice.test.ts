import { permissionNames } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import { advised } from './advice.ts';
import { bitLabels } from './bit.ts';
import { refusalOf } from './refusal.ts';

const explained = (permission: string, ...operands: readonly string[]) => ({
  effective: 0,
  cleared: operands.map((operand) => ({
    permission,
    operand,
    cause: 'code',
    actor: { type: 'user', id: 'ana' } as const,
    since: 0,
  })),
});

const media = permissionNames.filter((name) => !name.endsWith('Room'));

test.each(media)('without %s in the ticket, the switch for it is named', (name) => {
  const refusal = refusalOf(`${name}Denied`);
  expect(advised(refusal, explained(name, 'held'))).toEqual({
    ...refusal,
    sentence: `${refusal.sentence} Switch on “${bitLabels[name]}” for your ticket, and press “Update ticket”.`,
  });
});

test.each([
  [['role'], 'Become an anchor.'],
  [['held', 'role'], 'Switch on “Speak” for your ticket, and press “Update ticket”. Become an anchor.'],
  [['lapsed'], 'Press “Update ticket”.'],
  [['held', 'denied'], 'An operator took the permission away.'],
  [['capped'], 'The room has reached its limit of senders. Wait until one stops.'],
] as const)('where %j keep it dark, it says what helps', (operands, advice) => {
  const refusal = refusalOf('sendAudioDenied');
  const { sentence } = advised(refusal, explained('sendAudio', ...operands));
  expect(sentence).toBe(`${refusal.sentence} ${advice}`);
});

test('the sound of a screen needs the bit for sound', () => {
  const { sentence } = advised(refusalOf('screenSoundDenied'), explained('sendAudio', 'held'));
  expect(sentence).toContain('Switch on “Speak”');
});

test('where the explanation does not blame anything, there is no advice', () => {
  const refusal = refusalOf('sendAudioDenied');
  expect(advised(refusal, explained('sendVideo', 'held'))).toEqual(refusal);
  expect(advised(refusal, explained('sendAudio', 'authority'))).toEqual(refusal);
});

test('what is not refused by permission stays as it is', () => {
  const refusal = refusalOf('roomFull');
  expect(advised(refusal, explained('sendAudio', 'held'))).toBe(refusal);
});
