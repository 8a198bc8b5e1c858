import { type FakeClock, FakeUsageStore, RoomWorldUnderTest, settled } from '@roomkey/testkit';
import { Permission, presets } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { EventLoopShare } from '../event-loop-share.ts';
import { dayOf } from './five-minutes.ts';
import { UsageMeter } from './usage-meter.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Rooms whose usage is counted. */
function metered(store = new FakeUsageStore(), days = 400) {
  const world = new RoomWorldUnderTest();
  const alarms: unknown[][] = [];
  const { clock } = world;
  const share = new EventLoopShare(undefined, () => 0);
  const meter = new UsageMeter({
    store,
    clock,
    share,
    days,
    events: {
      failed: (...told) => void alarms.push(['failed', ...told]),
      lost: (...told) => void alarms.push(['lost', ...told]),
    },
  });
  world.listeners.push(meter.heard);
  /** Time goes on, and checkpoints are written when they are due. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10_000) {
      clock.advance(Math.min(left, 10_000));
      for (let turn = 0; turn < 12; turn++) await settled();
    }
  };
  return { world, clock, store, meter, alarms, pass };
}

/** Seconds on core and on outer that a store holds. */
const seconds = ({ rows }: FakeUsageStore): [number, number] => [
  rows.reduce((sum, { core }) => sum + core, 0) / 1000,
  rows.reduce((sum, { outer }) => sum + outer, 0) / 1000,
];

describe('a stay', () => {
  test('counts from being let in until leaving, in the five minutes in which it was', async () => {
    const { world, store, meter, pass } = metered();
    await pass(4 * MINUTE);
    const ana = await world.enter('ana');
    await pass(7 * MINUTE);
    await ana.seat.exit({});
    await pass(MINUTE);
    await meter.close();
    const { sdkAppId } = world.application;
    // The clock of tests begins at 08:00.
    const row = { day: dayOf(world.clock.now()), sdkAppId, room: 'n:1', outer: 0 };
    expect(store.rows).toEqual([
      { ...row, fiveMinutes: 96, core: MINUTE },
      { ...row, fiveMinutes: 97, core: 5 * MINUTE },
      { ...row, fiveMinutes: 98, core: MINUTE },
    ]);
  });

  test('counts as long as a seat is kept after its connection was lost', async () => {
    const { world, store, meter, pass } = metered();
    const ana = await world.enter('ana');
    await pass(10_000);
    ana.seat.dropped('lost');
    await pass(100_000);
    await meter.close();
    expect(seconds(store)).toEqual([40, 0]);
  });

  test('counts once when a member resumes', async () => {
    const { world, store, meter, pass } = metered();
    const ana = await world.enter('ana');
    ana.seat.dropped('lost');
    await pass(20_000);
    await world.resume(ana);
    await pass(40_000);
    await meter.close();
    expect(seconds(store)).toEqual([60, 0]);
  });

  test('moves between the tiers with the permissions in force, whoever changes them', async () => {
    const { world, store, meter, pass } = metered();
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    await pass(10_000);
    await bob.seat.switchRole({ role: 'anchor' });
    await pass(20_000);
    const { sdkAppId } = world.application;
    const actor = { type: 'operator', id: 'olga' } as const;
    const mask = Permission.sendAudio + Permission.sendVideo + Permission.sendSub;
    const denial = { sdkAppId, room: { roomId: 1 }, actor, users: { only: ['bob'] }, mask };
    await world.operator.setDenied({ ...denial, value: mask });
    await pass(30_000);
    await world.operator.setDenied({ ...denial, value: 0 });
    await pass(40_000);
    await meter.close();
    expect(seconds(store)).toEqual([60, 40]);
  });

  test('that is replaced by another of the same user is not counted twice', async () => {
    const { world, store, meter, pass } = metered();
    await world.enter('ana');
    await pass(30_000);
    await world.enter('ana', { bits: presets.audience });
    await pass(30_000);
    await meter.close();
    expect(seconds(store)).toEqual([30, 30]);
  });

  test('of somebody who is put out ends then', async () => {
    const { world, store, meter, pass } = metered();
    await world.enter('ana');
    await pass(30_000);
    const { sdkAppId } = world.application;
    await world.operator.ban({ sdkAppId, userId: 'ana', actor: { type: 'operator', id: 'olga' } });
    await pass(300_000);
    await meter.close();
    expect(seconds(store)).toEqual([30, 0]);
  });
});

describe('a checkpoint', () => {
  test('is written at least once a minute: a process that is killed loses no more than that', async () => {
    const { world, store, pass } = metered();
    await world.enter('ana');
    for (let waited = 10; waited <= 600; waited += 10) {
      await pass(10_000);
      const [core] = seconds(store);
      expect(waited - core).toBeLessThan(60);
    }
  });

  test('adds to what was counted before a restart', async () => {
    const store = new FakeUsageStore();
    for (const life of [metered(store), metered(store)]) {
      await life.world.enter('ana');
      await life.pass(70_000);
      await life.meter.close();
    }
    expect(seconds(store)).toEqual([140, 0]);
  });

  test('writes one row for a member who enters and leaves a thousand times', async () => {
    const { world, store, meter, pass } = metered();
    for (let n = 0; n < 1000; n++) {
      const ana = await world.enter('ana');
      world.clock.advance(10);
      await ana.seat.exit({});
      world.clock.advance(190);
    }
    await pass(1000);
    await meter.close();
    expect([store.rows.length, seconds(store)]).toEqual([1, [10, 0]]);
    expect(store.written.reduce((sum, rows) => sum + rows, 0)).toBeLessThan(10);
  });

  test('of many rooms is written in several steps', async () => {
    const { clock, store, meter } = metered();
    for (let room = 1; room <= 1000; room++)
      meter.heard({
        kind: 'memberEntered',
        sdkAppId: 7,
        room: `n:${room}`,
        lifeId: `${room}`,
        number: 1,
        at: clock.now(),
        userId: 'ana',
        memberId: `${room}`,
        scene: 'rtc',
        role: 'anchor',
        permissions: 255,
      });
    clock.advance(1000);
    await meter.close();
    expect(store.written).toEqual([200, 200, 200, 200, 200]);
    expect(seconds(store)).toEqual([1000, 0]);
  });

  test('that the store refuses is told, and what it held is written by the next one', async () => {
    const { world, store, meter, alarms, pass } = metered();
    await world.enter('ana');
    store.fail();
    await pass(120_000);
    expect([seconds(store), alarms.map(([kind, , waiting]) => [kind, waiting])]).toEqual([
      [0, 0],
      [
        ['failed', 1],
        ['failed', 1],
      ],
    ]);
    store.fail(false);
    await pass(60_000);
    await meter.close();
    expect(seconds(store)).toEqual([180, 0]);
  });
});

test('a stop writes who is still inside, and nothing is written after it', async () => {
  const { world, store, meter, clock } = metered();
  await world.enter('ana');
  clock.advance(5000);
  await Promise.all([meter.close(), meter.close()]);
  expect(seconds(store)).toEqual([5, 0]);
  clock.advance(600_000);
  await settled();
  expect(seconds(store)).toEqual([5, 0]);
});

describe('usage that is older than it is kept', () => {
  const old = (clock: FakeClock, days: number) => ({
    day: dayOf(clock.now()) - days,
    fiveMinutes: 0,
    sdkAppId: 7,
    room: 'n:1',
    core: 1,
    outer: 1,
  });

  test('is deleted, at the start and later', async () => {
    const { clock, store, pass } = metered(undefined, 2);
    await store.add([0, 1, 2, 3, 4].map((days) => old(clock, days)));
    await pass(MINUTE);
    const ages = () => store.rows.map(({ day }) => dayOf(clock.now()) - day);
    expect(ages()).toEqual([2, 1, 0]);
    clock.advance(DAY);
    await pass(2 * MINUTE);
    expect(ages()).toEqual([2, 1]);
  });

  test('is not deleted because somebody sets the wall clock ahead', async () => {
    const { clock, store, pass } = metered(undefined, 2);
    await store.add([old(clock, 1)]);
    await pass(MINUTE);
    clock.set(clock.now() + 1000 * DAY);
    await pass(3 * 60 * MINUTE);
    expect(store.rows).toHaveLength(1);
  });
});
