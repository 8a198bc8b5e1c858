import { FakeClock } from '@roomkey/testkit';
import { expect, test } from 'vitest';
import type { Member } from '../state/member.ts';
import { carryingMember, heldKey, NOW } from './carrying-member.fixture.ts';
import { isExpiredAt, KeyWatch } from './key-watch.ts';

const HOUR = 3_600_000;

/** A watch, and what it says: a warning names the expiry, a turn those whose keys have turned. */
function watched() {
  const clock = new FakeClock();
  const heard: string[] = [];
  const watch = new KeyWatch(clock, {
    warn: ({ userId }, expiresAt) => heard.push(`warn ${userId} ${expiresAt - NOW}`),
    expiryTurned: (members) => heard.push(`turned ${members.map(({ userId }) => userId).join(' ')}`),
  });
  /** What is heard while time goes on. */
  const during = (ms: number) => {
    heard.length = 0;
    clock.advance(ms);
    return [...heard];
  };
  return { clock, watch, heard, during };
}

const giveKey = (member: Member, seconds: number) => {
  member.privateMapKey = { ticket: 'newer', held: heldKey({ expiresAt: NOW + seconds }) };
};

test('a key is good to the end of its last second', () => {
  const member = carryingMember('ana', heldKey());
  expect(isExpiredAt(member, (NOW + 300) * 1000 + 999)).toBe(false);
  expect(isExpiredAt(member, (NOW + 301) * 1000)).toBe(true);
  expect(isExpiredAt(carryingMember('bob'), (NOW + 301) * 1000)).toBe(false);
});

test('a member is warned 30 seconds before the expiry, and told once when it has come', () => {
  const { watch, during } = watched();
  watch.watch(carryingMember('ana', heldKey()));
  expect(during(269_999)).toEqual([]);
  expect(during(1)).toEqual(['warn ana 300']);
  expect(during(30_999)).toEqual([]);
  expect(during(1)).toEqual(['turned ana']);
  expect(during(HOUR)).toEqual([]);
});

test('a key that expires soon is warned of at once, one that has expired turns at once', () => {
  const { watch, heard } = watched();
  watch.watch(carryingMember('ana', heldKey({ expiresAt: NOW + 30 })));
  expect(heard).toEqual(['warn ana 30']);
  watch.watch(carryingMember('bob', heldKey({ expiresAt: NOW - 1 })));
  expect(heard.slice(1)).toEqual(['warn bob -1', 'turned bob']);
});

test('nobody is watched who has no key that was checked, or who is out', () => {
  const { clock, watch, heard } = watched();
  watch.watch(carryingMember('ana'));
  const gone = carryingMember('bob', heldKey({ expiresAt: NOW - 1 }));
  gone.inside = false;
  watch.watch(gone);
  expect([clock.pending, heard]).toEqual([0, []]);
});

test('keys that expire in the same second share a timer and turn together', () => {
  const { clock, watch, during } = watched();
  for (const userId of ['ana', 'bob']) watch.watch(carryingMember(userId, heldKey()));
  expect(clock.pending).toBe(1);
  watch.watch(carryingMember('eve', heldKey({ expiresAt: NOW + 301 })));
  expect(clock.pending).toBe(2);
  expect(during(270_000)).toEqual(['warn ana 300', 'warn bob 300']);
  expect(during(31_000)).toEqual(['warn eve 301', 'turned ana bob']);
  expect(during(1000)).toEqual(['turned eve']);
});

test('another key is watched in the place of the one before', () => {
  const { clock, watch, during } = watched();
  const member = carryingMember('ana', heldKey());
  watch.watch(member);
  giveKey(member, 600);
  watch.watch(member);
  expect(clock.pending).toBe(1);
  expect(during(569_999)).toEqual([]);
  expect(during(1)).toEqual(['warn ana 600']);
});

test('another key that expires soon is warned of, though the one before was', () => {
  const { watch, heard, during } = watched();
  const member = carryingMember('ana', heldKey());
  watch.watch(member);
  expect(during(280_000)).toEqual(['warn ana 300']);
  giveKey(member, 305);
  watch.watch(member);
  expect(heard).toEqual(['warn ana 300', 'warn ana 305']);
});

test('a good key in the place of one that has expired is no turn of its own', () => {
  const { watch, heard, during } = watched();
  const member = carryingMember('ana', heldKey());
  watch.watch(member);
  during(302_000);
  giveKey(member, 900);
  watch.watch(member);
  expect(heard).toEqual(['warn ana 300', 'turned ana']);
});

test('who is forgotten is told nothing, and the last one takes the timer along', () => {
  const { clock, watch, during } = watched();
  const [ana, bob] = [carryingMember('ana', heldKey()), carryingMember('bob', heldKey())];
  for (const member of [ana, bob]) watch.watch(member);
  watch.forget(ana);
  expect(clock.pending).toBe(1);
  expect(during(270_000)).toEqual(['warn bob 300']);
  watch.forget(bob);
  watch.forget(bob);
  expect(clock.pending).toBe(0);
});

test('who comes into a second that was watched before is watched', () => {
  const { watch, during } = watched();
  const ana = carryingMember('ana', heldKey());
  watch.watch(ana);
  watch.forget(ana);
  watch.watch(carryingMember('bob', heldKey()));
  expect(during(270_000)).toEqual(['warn bob 300']);
});

test('a warning is said again only of the key that was warned of, before it expires', () => {
  const { watch, heard, during } = watched();
  const member = carryingMember('ana', heldKey());
  watch.watch(member);
  watch.warnAgain(member);
  expect(heard).toEqual([]);
  during(270_000);
  watch.warnAgain(member);
  expect(heard).toEqual(['warn ana 300', 'warn ana 300']);
  giveKey(member, 900);
  watch.warnAgain(member);
  expect(heard).toHaveLength(2);
  giveKey(member, 300);
  during(31_000);
  watch.warnAgain(member);
  expect(heard).toEqual(['turned ana']);
});

test('a warning is not said again to who has no key any more', () => {
  const { watch, heard, during } = watched();
  const member = carryingMember('ana', heldKey());
  watch.watch(member);
  during(270_000);
  member.privateMapKey = { ticket: 'unchecked' };
  watch.warnAgain(member);
  expect(heard).toEqual(['warn ana 300']);
});

test('a wall clock that was set ahead is noticed within half a minute', () => {
  const { clock, watch, during } = watched();
  watch.watch(carryingMember('ana', heldKey({ expiresAt: NOW + 10_000 })));
  clock.set(clock.now() + 3 * HOUR);
  expect(during(29_999)).toEqual([]);
  expect(during(1)).toEqual(['warn ana 10000', 'turned ana']);
});

test('a key that was expired is good again when the wall clock is set back, and is warned of again', () => {
  const { clock, watch, during } = watched();
  watch.watch(carryingMember('ana', heldKey({ expiresAt: NOW + 600 })));
  clock.set(clock.now() + HOUR);
  expect(during(30_000)).toEqual(['warn ana 600', 'turned ana']);
  clock.set(clock.now() - HOUR);
  expect(during(30_000)).toEqual(['turned ana']);
  expect(during(510_000)).toEqual(['warn ana 600']);
  expect(during(31_000)).toEqual(['turned ana']);
});

test('a warning that came too early is said again at its time', () => {
  const { clock, watch, during } = watched();
  watch.watch(carryingMember('ana', heldKey({ expiresAt: NOW + 7200 })));
  clock.set((NOW + 7150) * 1000);
  expect(during(30_000)).toEqual(['warn ana 7200']);
  clock.set(NOW * 1000);
  expect(during(7_169_999)).toEqual([]);
  expect(during(1)).toEqual(['warn ana 7200']);
});

test('a closed watch has no timers and forgets everybody', () => {
  const { clock, watch, during } = watched();
  for (const [userId, seconds] of [
    ['ana', 300],
    ['bob', 400],
  ] as const)
    watch.watch(carryingMember(userId, heldKey({ expiresAt: NOW + seconds })));
  watch.close();
  expect(clock.pending).toBe(0);
  expect(during(HOUR)).toEqual([]);
});
