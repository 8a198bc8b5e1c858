import { ServiceError } from '@roomkey/protocol';
import { nothingTaken, userActor } from '@roomkey/tickets/permissions';
import { expect, test } from 'vitest';
import type { CarriedKey } from './carried-key.ts';
import { observedKey } from './observed-key.ts';
import { observedEffective, observedMissing } from './observed-permissions.ts';
import type { HeldKey } from './verified-ticket.ts';

const held = (permissions: number): HeldKey => ({
  permissions,
  issuedAt: 1,
  expiresAt: 2,
  keyId: 'first',
  fingerprint: 'f',
});
const all = { bits: 255, cause: 'permissionControl:observe', actor: userActor('ana'), since: 0 };
const none = nothingTaken(0);
const operands = { held: all, role: all, authority: all, denied: none, lapsed: none, capped: none };
const carried = (observed: CarriedKey['observed']) => ({
  privateMapKey: { ticket: 't', observed },
  operands,
});

test('a check that passes gives the key, one that refuses gives the refusal', () => {
  expect(observedKey(() => held(42))).toEqual({ held: held(42) });
  const refuse = () => {
    throw new ServiceError('banned');
  };
  expect(observedKey(refuse)).toEqual({ refusal: 'banned' });
});

test('a fault of the check is passed on', () => {
  const fault = new TypeError('a fault');
  const failing = () => {
    throw fault;
  };
  expect(() => observedKey(failing)).toThrow(fault);
});

test('an observed key would leave the bits that it holds, of what the other operands leave', () => {
  expect(observedEffective(carried({ held: held(42) }))).toBe(42);
  const denied = { ...none, bits: 8 };
  const member = { ...carried({ held: held(42) }), operands: { ...operands, denied } };
  expect(observedEffective(member)).toBe(34);
});

test('where no key is observed, or it would be refused, there are no such bits', () => {
  expect(observedEffective(carried(undefined))).toBeUndefined();
  expect(observedEffective(carried({ refusal: 'banned' }))).toBeUndefined();
  expect(observedMissing(carried(undefined))).toEqual([]);
  expect(observedMissing(carried({ refusal: 'banned' }))).toEqual([]);
});

test('what an observed key does not hold is missing, but for the create bit', () => {
  expect(observedMissing(carried({ held: held(255) }))).toEqual([]);
  expect(observedMissing(carried({ held: held(254) }))).toEqual([]);
  expect(observedMissing(carried({ held: held(42) }))).toEqual([
    'sendAudio',
    'sendVideo',
    'sendSub',
    'recvSub',
  ]);
});
