import { permissionNames } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { type ErrorName, type ErrorRow, errors } from './errors.ts';
import { ServiceError } from './service-error.ts';

const rows = Object.entries(errors) as [ErrorName, ErrorRow][];

const repeated = (texts: readonly string[]) => texts.filter((text, at) => texts.indexOf(text) !== at);

describe('the error table', () => {
  test('has one name per cause, in one manner of writing, and no two that differ in case alone', () => {
    expect(rows.filter(([name]) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(repeated(rows.map(([name]) => name.toLowerCase()))).toEqual([]);
  });

  test('has a sentence of its own for every cause', () => {
    expect(repeated(rows.map(([, { says }]) => says))).toEqual([]);
    expect(
      rows.filter(([, { says }]) => !/^[A-Z][^\n]{8,}\.$/.test(says) && !/^a[a-z]+B/.test(says)),
    ).toEqual([]);
  });

  test('numbers are whole, and HTTP knows the status as a failure', () => {
    for (const [name, { rpc, web, extraCode, native, ilvb, http }] of rows) {
      const numbers = [rpc, web, extraCode, native, ilvb, http];
      expect(
        numbers.filter((number) => !Number.isInteger(number) || number === 0),
        name,
      ).toEqual([]);
      expect(http >= 400 && http < 600, name).toBe(true);
    }
  });

  test('uses the reserved JSON-RPC codes for what JSON-RPC means by them, and one code for the rest', () => {
    const reserved = rows.filter(([, { rpc }]) => rpc !== -32_000).map(([name, { rpc }]) => [name, rpc]);
    expect(Object.fromEntries(reserved)).toEqual({
      parseError: -32_700,
      invalidRequest: -32_600,
      methodNotFound: -32_601,
      invalidParams: -32_602,
      internal: -32_603,
    });
  });

  test('uses only codes that the browser SDK has', () => {
    const codes = [5000, 5100, 5200, 5300, 5400, 5500, 5998, 5999];
    expect(rows.filter(([, { web }]) => !codes.includes(web))).toEqual([]);
  });

  test('never calls a refusal of the ticket, the permission or the form worth a retry', () => {
    const futile = [400, 401, 403, 404, 409];
    expect(rows.filter(([, { http, retry }]) => retry && futile.includes(http))).toEqual([]);
  });

  test('calls every failure of the server worth a retry', () => {
    expect(rows.filter(([, { http, retry }]) => http >= 500 && !retry)).toEqual([]);
  });

  test('does not give one cloud API code to a missing thing and to a forbidden one', () => {
    const statuses = new Map<string, Set<number>>();
    for (const [, { api, http }] of rows) statuses.set(api, (statuses.get(api) ?? new Set()).add(http));
    const contradictory = [...statuses].filter(([, found]) => found.has(404) && found.has(403));
    expect(contradictory).toEqual([]);
  });

  test('has a refusal for the want of each permission bit', () => {
    expect(permissionNames.filter((name) => !Object.hasOwn(errors, `${name}Denied`))).toEqual([]);
  });

  const reasons = [
    'Malformed',
    'Unsafe',
    'Forged',
    'WrongApplication',
    'WrongUser',
    'Expired',
    'IssuedInFuture',
    'Revoked',
  ];
  test.each([
    ['userSig', [...reasons, 'Missing', 'IsPrivateMapKey']],
    ['privateMapKey', [...reasons, 'Missing', 'WrongRoom', 'IsUserSig']],
  ])('has a cause for each way in which a %s can be wrong, and no more', (ticket, ways) => {
    const found = rows.map(([name]) => name).filter((name) => name.startsWith(ticket));
    expect(found.sort()).toEqual(ways.map((way) => `${ticket}${way}`).sort());
  });
});

describe('an error', () => {
  test('says the sentence of its row unless a more exact one is known', () => {
    expect(new ServiceError('roomFull').message).toBe(errors.roomFull.says);
    expect(new ServiceError('roomFull', 'There are 10 of 10.').message).toBe('There are 10 of 10.');
  });

  test('comes off the wire with its name, its message and the permission it is about', () => {
    const error = ServiceError.fromWire('No.', { name: 'sendAudioDenied', permission: 'sendAudio' });
    expect([error.code, error.message, error.data]).toEqual([
      'sendAudioDenied',
      'No.',
      { permission: 'sendAudio' },
    ]);
  });

  test('comes off the wire with why a member is out', () => {
    const removed = { reason: 'banned', cause: 'banned' } as const;
    expect(ServiceError.fromWire('No.', { name: 'resumeRefused', removed }).data.removed).toEqual(removed);
  });

  test.each(['bannedUntilTomorrow', '__proto__', 'constructor', 'toString', ''])(
    'of the unknown name %j becomes an internal one',
    (name) => {
      expect(ServiceError.fromWire('New.', { name }).code).toBe('internal');
    },
  );

  test('without data becomes an internal one', () => {
    expect(ServiceError.fromWire('Bare.', undefined).code).toBe('internal');
  });
});
