import { errors } from '@roomkey/protocol';
import { describe, expect, test } from 'vitest';
import { type Refusal, refusalAbout, refusalFrom, refusalOf, withRefusal } from './refusal.ts';
import { sentences } from './sentences.ts';

/** Refusals that only a faulty client or an administrator can provoke: the server's own words do for them. */
const leftToTheServer = [
  'parseError',
  'invalidRequest',
  'methodNotFound',
  'invalidParams',
  'notEntered',
  'alreadyEntered',
  'kindMismatch',
  'rtpParametersInvalid',
  'codecUnsupported',
  'tooManyEncodings',
  'transportUnknown',
  'transportWrongDirection',
  'trackUnknown',
  'consumerUnknown',
  'rtpCapabilitiesMissing',
  'applicationExists',
  'keyUnknown',
  'roomUnknown',
  'banUnknown',
  'versionConflict',
  'settingInvalid',
];

describe('the sentences for refusals', () => {
  const ofVisitors = Object.keys(errors).filter((name) => !leftToTheServer.includes(name));

  test.each(ofVisitors)('%s has one of its own', (name) => {
    expect(Object.keys(sentences)).toContain(name);
  });

  test('every refusal of an entry or by a permission bit is among them', () => {
    const byTicket = Object.entries(errors).filter(([, { api }]) =>
      /^(AuthFailure|UnauthorizedOperation)/.test(api),
    );
    expect(byTicket.length).toBeGreaterThan(20);
    expect(byTicket.filter(([name]) => leftToTheServer.includes(name))).toEqual([]);
  });

  test.each(Object.entries(sentences))('that for %s is a title and whole sentences', (_, own) => {
    expect(own.title).toMatch(/^[A-Z].*[^.!]$/);
    expect(own.sentence).toMatch(/^[A-Z].*[.!?]$/);
  });

  test('no two say the same', () => {
    const said = Object.values(sentences).map(({ title, sentence }) => `${title} ${sentence}`);
    expect(new Set(said).size).toBe(said.length);
  });
});

describe('a refusal', () => {
  test('says what this page says of its cause, whatever the server said', () => {
    expect(refusalOf('roomFull', 'Voll.')).toEqual({ ...sentences.roomFull, cause: 'roomFull' });
  });

  test('says what the server said where this page has no words', () => {
    expect(refusalOf('codecUnsupported', errors.codecUnsupported.says).sentence).toBe(
      'The client and the server have no codec in common.',
    );
    expect(refusalOf('toString', 'A newer refusal.').sentence).toBe('A newer refusal.');
  });

  test('says something even where nobody said anything', () => {
    expect(refusalOf('someday', '').sentence).not.toBe('');
  });

  test('is read off the cause of an error, and off its message without one', () => {
    const error = Object.assign(new Error('You may not send audio here.'), { cause: 'sendAudioDenied' });
    expect(refusalFrom(error)).toEqual({ ...sentences.sendAudioDenied, cause: 'sendAudioDenied' });
    expect(refusalFrom(new Error('Broken.'))).toMatchObject({ cause: 'unknown', sentence: 'Broken.' });
    expect(refusalFrom('gone')).toMatchObject({ cause: 'unknown', sentence: 'gone' });
  });

  test('can be about something, which then stands before its title', () => {
    expect(refusalAbout('Camera', refusalOf('deviceNotFound')).title).toBe('Camera: not found');
  });
});

test('the newest three refusals are shown, and none twice', () => {
  const [a, b, c, d] = ['roomFull', 'internal', 'slotTaken', 'memberUnknown'].map((cause) =>
    refusalOf(cause),
  );
  const shown = [a, b, a, c, d].reduce<readonly Refusal[]>(
    (all, one) => withRefusal(all, one as Refusal),
    [],
  );
  expect(shown).toEqual([d, c, a]);
});
