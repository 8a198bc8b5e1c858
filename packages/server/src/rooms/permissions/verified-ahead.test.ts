import { ticketContext } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import { carryingMember } from './carrying-member.fixture.ts';
import { VerifiedAhead } from './verified-ahead.ts';

const { application, context, issuer, NOW, room } = ticketContext;

const good = issuer().genPrivateMapKey('ana', 300, 1, 42);

/** A context that counts how often keys are looked at: for that, its keys are read. */
function counted(settings: Parameters<typeof application>[0] = {}) {
  const { keys, ...others } = application(settings);
  let looks = 0;
  const counting = {
    ...others,
    get keys() {
      looks++;
      return keys;
    },
  };
  return { given: { ...context(), application: counting }, looks: () => looks };
}

const carrying = (ticket: string | undefined) => {
  const member = carryingMember('ana');
  member.privateMapKey = { ticket };
  return member;
};

test('what was verified ahead is not verified again, once', () => {
  const { given, looks } = counted();
  const ahead = new VerifiedAhead(room);
  const member = carrying(good);
  ahead.verify(member, given);
  const before = looks();
  expect(before).toBeGreaterThan(0);
  expect(ahead.key(member, good, given).permissions).toBe(42);
  expect(looks()).toBe(before);
  expect(ahead.key(member, good, given).permissions).toBe(42);
  expect(looks()).toBeGreaterThan(before);
});

test('a refusal that came ahead comes when it is asked for', () => {
  const { given, looks } = counted();
  const ahead = new VerifiedAhead(room);
  const member = carrying('x');
  expect(() => ahead.verify(member, given)).not.toThrow();
  const before = looks();
  expect(() => ahead.key(member, 'x', given)).toThrow(
    expect.objectContaining({ code: 'privateMapKeyMalformed' }),
  );
  expect(looks()).toBe(before);
});

test('without anything ahead the key is verified', () => {
  const ahead = new VerifiedAhead(room);
  expect(ahead.key(carrying(good), good, context()).permissions).toBe(42);
  expect(() => ahead.key(carrying(undefined), undefined, context())).toThrow(
    expect.objectContaining({ code: 'privateMapKeyMissing' }),
  );
});

test('what was verified of another ticket counts for nothing', () => {
  const { given } = counted();
  const ahead = new VerifiedAhead(room);
  const member = carrying(good);
  ahead.verify(member, given);
  expect(() => ahead.key(member, 'x', given)).toThrow(
    expect.objectContaining({ code: 'privateMapKeyMalformed' }),
  );
});

test('what was verified of another member counts for nothing', () => {
  const { given } = counted();
  const ahead = new VerifiedAhead(room);
  ahead.verify(carrying(good), given);
  const bob = { ...given, userId: 'bob' };
  expect(() => ahead.key(carrying(good), good, bob)).toThrow(
    expect.objectContaining({ code: 'privateMapKeyWrongUser' }),
  );
});

test('what was verified in another second counts for nothing', () => {
  const ahead = new VerifiedAhead(room);
  const member = carrying(good);
  const { given } = counted();
  const at = (milliseconds: number) => ({ ...given, now: NOW * 1000 + milliseconds });
  ahead.verify(member, at(300_000));
  expect(ahead.key(member, good, at(300_999)).permissions).toBe(42);
  ahead.verify(member, at(300_000));
  expect(() => ahead.key(member, good, at(301_000))).toThrow(
    expect.objectContaining({ code: 'privateMapKeyExpired' }),
  );
});

test('what was verified against another state of the application counts for nothing', () => {
  const ahead = new VerifiedAhead(room);
  const member = carrying(good);
  ahead.verify(member, counted().given);
  const { given } = counted({ keys: [{ keyId: 'another', secret: 'another', state: 'active' }] });
  expect(() => ahead.key(member, good, given)).toThrow(
    expect.objectContaining({ code: 'privateMapKeyForged' }),
  );
});
