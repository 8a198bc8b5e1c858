import { FakeClock } from '@roomkey/testkit';
import { presets, systemActor } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import type { CoreEvent, RoomHappening } from '../ports/index.ts';
import { UnwrittenUsage } from './unwritten-usage.ts';
import { UsageLedger } from './usage-ledger.ts';

/** A ledger that hears what a test says of members. */
function ledgerUnderTest() {
  const clock = new FakeClock();
  const unwritten = new UnwrittenUsage();
  const ledger = new UsageLedger(clock, unwritten);
  const hear = (happening: RoomHappening, room = 'n:1') =>
    ledger.heard({
      sdkAppId: 7,
      room,
      lifeId: 'life',
      number: 1,
      at: clock.now(),
      ...happening,
    } as CoreEvent);
  const enter = (memberId: string, permissions: number, room?: string) =>
    hear(
      { kind: 'memberEntered', userId: memberId, memberId, scene: 'rtc', role: 'anchor', permissions },
      room,
    );
  const leave = (memberId: string, room?: string) =>
    hear({ kind: 'memberLeft', userId: memberId, memberId, reason: 'exit', removal: undefined }, room);
  const change = (memberId: string, before: number, after: number) =>
    hear({
      kind: 'permissionsChanged',
      userId: memberId,
      memberId,
      before,
      after,
      actor: systemActor,
      cause: 'a test',
    });
  /** Milliseconds on core and on outer so far. */
  const counted = () => {
    for (const room of ledger.rooms) room.count();
    const rows = unwritten.take(1000);
    for (const row of rows) unwritten.add(row);
    const sum = (tier: 'core' | 'outer') => rows.reduce((all, row) => all + row[tier], 0);
    return [sum('core'), sum('outer')];
  };
  return { clock, ledger, enter, leave, change, counted };
}

const { anchor, audience } = presets;

test('who may send anything is on core, and everybody else on outer', () => {
  const { clock, enter, leave, counted } = ledgerUnderTest();
  enter('ana', anchor);
  enter('bob', audience);
  enter('eve', audience);
  clock.advance(1000);
  leave('eve');
  clock.advance(500);
  expect(counted()).toEqual([1500, 2500]);
});

test('a change of permissions that changes the tier ends one piece of a stay and begins another; another change does not', () => {
  const { clock, enter, change, counted } = ledgerUnderTest();
  enter('bob', audience);
  clock.advance(1000);
  change('bob', audience, anchor);
  clock.advance(100);
  change('bob', anchor, audience + 4);
  clock.advance(100);
  change('bob', audience + 4, audience);
  clock.advance(10);
  expect(counted()).toEqual([200, 1010]);
});

test('a change that is told after its member has left changes nothing', () => {
  const { clock, enter, leave, change, counted } = ledgerUnderTest();
  enter('bob', audience);
  clock.advance(1000);
  leave('bob');
  change('bob', audience, anchor);
  leave('bob');
  clock.advance(1000);
  expect(counted()).toEqual([0, 1000]);
});

test('a room that nobody is in is forgotten', () => {
  const { ledger, enter, leave } = ledgerUnderTest();
  for (let n = 0; n < 100; n++) {
    enter(`u${n}`, anchor, `n:${n}`);
    leave(`u${n}`, `n:${n}`);
  }
  expect([...ledger.rooms]).toEqual([]);
});

describe('when somebody sets the wall clock', () => {
  test.each([3_600_000, -3_600_000, 400 * 86_400_000])('by %i ms, a stay is as long as it was', (by) => {
    const { clock, enter, leave, counted } = ledgerUnderTest();
    enter('ana', anchor);
    clock.advance(20_000);
    clock.set(clock.now() + by);
    clock.advance(20_000);
    leave('ana');
    expect(counted()).toEqual([40_000, 0]);
  });
});

test('what an entry or a change costs does not grow with the members and rooms there are', () => {
  const { clock, enter, leave, change } = ledgerUnderTest();
  let looks = 0;
  const { elapsed } = clock;
  clock.elapsed = () => {
    looks++;
    return elapsed.call(clock);
  };
  const looksFor = () => {
    looks = 0;
    enter('zoe', audience);
    change('zoe', audience, anchor);
    leave('zoe');
    return looks;
  };
  const alone = looksFor();
  for (let n = 0; n < 2000; n++) enter(`u${n}`, anchor, `n:${n % 100}`);
  expect(looksFor()).toBeLessThanOrEqual(alone);
});
