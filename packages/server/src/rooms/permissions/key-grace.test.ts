import type { Notice } from '@roomkey/protocol';
import { FakeClock } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import type { Member } from '../state/member.ts';
import { carryingMember } from './carrying-member.fixture.ts';
import { KeyGrace } from './key-grace.ts';

const members = () => [carryingMember('ana'), carryingMember('bob')] as const;

function asked() {
  const clock = new FakeClock();
  const told: [string, Notice][] = [];
  const over: string[][] = [];
  const grace = new KeyGrace(
    clock,
    { tell: ({ userId }: Member, notice: Notice) => void told.push([userId, notice]) },
    (late) => void over.push(late.map(({ userId }) => userId)),
  );
  const required = (userId: string, seconds: number, cause: string) => [
    userId,
    { method: 'keyRequired', params: { seconds, cause } },
  ];
  return { clock, told, over, grace, required };
}

test('who is asked is told why and how long it has, and the time is over for all at once', () => {
  const { clock, told, over, grace, required } = asked();
  const [ana, bob] = members();
  grace.begin(ana, 'privateMapKeyMissing', 60);
  clock.advance(20_500);
  grace.begin(bob, 'privateMapKeyForged', 60);
  expect(told).toEqual([
    required('ana', 60, 'privateMapKeyMissing'),
    required('bob', 40, 'privateMapKeyForged'),
  ]);
  expect(clock.pending).toBe(1);
  clock.advance(39_499);
  expect(over).toEqual([]);
  clock.advance(1);
  expect(over).toEqual([['ana', 'bob']]);
  expect(grace.isAsked(ana)).toBe(false);
});

test('who was asked already is neither told again nor given another reason', () => {
  const { told, grace, required } = asked();
  const [ana] = members();
  grace.begin(ana, 'privateMapKeyMissing', 60);
  grace.begin(ana, 'privateMapKeyForged', 60);
  expect(told).toHaveLength(1);
  grace.remind(ana);
  expect(told[1]).toEqual(required('ana', 60, 'privateMapKeyMissing'));
});

test('only who was asked is asked again', () => {
  const { told, grace, required } = asked();
  const [ana, bob] = members();
  grace.begin(ana, 'privateMapKeyMissing', 0);
  grace.remind(bob);
  expect([grace.isAsked(ana), grace.isAsked(bob)]).toEqual([true, false]);
  expect(told).toEqual([required('ana', 0, 'privateMapKeyMissing')]);
});

test('a time that has passed is told as none', () => {
  const { clock, told, grace, required } = asked();
  const [ana] = members();
  // The timer is late: the event loop was busy.
  clock.after = () => () => {};
  grace.begin(ana, 'privateMapKeyMissing', 1);
  clock.advance(5000);
  grace.remind(ana);
  expect(told[1]).toEqual(required('ana', 0, 'privateMapKeyMissing'));
});

test('who has a key is late no more, and the last one takes the timer along', () => {
  const { clock, over, grace } = asked();
  const [ana, bob] = members();
  for (const member of [ana, bob]) grace.begin(member, 'privateMapKeyMissing', 60);
  grace.end(ana);
  expect([grace.isAsked(ana), clock.pending]).toEqual([false, 1]);
  grace.end(ana);
  expect(clock.pending).toBe(1);
  clock.advance(60_000);
  expect(over).toEqual([['bob']]);
  grace.begin(ana, 'privateMapKeyMissing', 60);
  grace.end(ana);
  expect(clock.pending).toBe(0);
});

test('to end the grace of who was not asked changes nothing', () => {
  const { clock, grace } = asked();
  const [ana, bob] = members();
  grace.end(bob);
  grace.begin(ana, 'privateMapKeyMissing', 60);
  grace.end(bob);
  expect(clock.pending).toBe(1);
});

test('the first one after the time was over begins another', () => {
  const { clock, over, grace } = asked();
  const [ana, bob] = members();
  grace.begin(ana, 'privateMapKeyMissing', 60);
  clock.advance(60_000);
  grace.begin(bob, 'privateMapKeyMissing', 60);
  clock.advance(59_999);
  expect(over).toEqual([['ana']]);
  clock.advance(1);
  expect(over).toEqual([['ana'], ['bob']]);
});

test('a closed grace has no timer, whether it had begun or not', () => {
  const { clock, grace } = asked();
  grace.close();
  const [ana] = members();
  grace.begin(ana, 'privateMapKeyMissing', 60);
  grace.close();
  expect(clock.pending).toBe(0);
});
