import { RoomWorldUnderTest } from '@roomkey/testkit';
import { Permission, presets, sendBits } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const { sendVideo } = Permission;

/** The events of a world since the last call, without those of no room. */
const roomEvents = (world: RoomWorldUnderTest) =>
  world.events.splice(0).flatMap((event) => ('number' in event ? [event] : []));

const olga = {
  sdkAppId: 1_400_000_001,
  room: { roomId: 1 },
  actor: { type: 'operator', id: 'olga' } as const,
  cause: 'noise',
} as const;

describe('the events of a room', () => {
  test('tell a life from its creation to its end, numbered; the next life begins anew', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await world.enter('bob');
    await ana.seat.exit({});
    await world.operator.kick({ ...olga, userIds: ['bob'] });
    const first = roomEvents(world);
    expect(first.map(({ kind }) => kind)).toEqual([
      'roomCreated',
      'memberEntered',
      'memberEntered',
      'memberLeft',
      'memberLeft',
      'roomEnded',
    ]);
    expect(first.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(first).toMatchObject(
      first.map(() => ({ sdkAppId: 1_400_000_001, room: 'n:1', at: world.clock.now() })),
    );
    const { memberId } = ana.result;
    const who = { userId: 'ana', memberId };
    expect(first[1]).toMatchObject({ ...who, scene: 'rtc', role: 'anchor', permissions: 255 });
    expect(first[3]).toMatchObject({ ...who, reason: 'exit', removal: undefined });
    expect(first[4]).toMatchObject({ userId: 'bob', reason: 'removed', removal: { reason: 'kicked' } });
    await world.enter('ana');
    const again = roomEvents(world);
    expect(again.map(({ kind, number }) => [kind, number])).toEqual([
      ['roomCreated', 1],
      ['memberEntered', 2],
    ]);
    expect(new Set([...first, ...again].map(({ lifeId }) => lifeId)).size).toBe(2);
  });

  test('tell the end behind the leaving of everybody, also where that takes several turns', async () => {
    const world = new RoomWorldUnderTest({ maxMembersPerRoom: 1000 });
    for (let index = 0; index < 900; index++) await world.enter(`user_${index}`);
    for (let turn = 0; turn < 20; turn++) await world.settle();
    roomEvents(world);
    const dismissed = world.operator.dismissRoom(olga);
    expect(world.told('memberLeft').length).toBeLessThan(900);
    expect(world.home.counts().rooms).toBe(0);
    await dismissed;
    for (let turn = 0; turn < 20; turn++) await world.settle();
    const events = roomEvents(world);
    expect(events.filter(({ kind }) => kind === 'memberLeft')).toHaveLength(900);
    expect(events.map(({ kind }) => kind).indexOf('roomEnded')).toBe(events.length - 1);
    const [{ number: begin } = { number: Number.NaN }] = events;
    expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => begin + index));
  });

  test('tell the end of a room that lingers when it ends, once', async () => {
    const world = new RoomWorldUnderTest({ lingerSeconds: 10 });
    await (await world.enter('ana')).seat.exit({});
    expect(world.told('roomEnded')).toEqual([]);
    world.clock.advance(10_000);
    await world.settle();
    expect(world.told('roomEnded')).toHaveLength(1);
  });

  test('say nothing of a room that did not come to exist', async () => {
    const world = new RoomWorldUnderTest();
    await expect(world.enter('ana', { bits: presets.audience })).rejects.toThrow();
    expect(world.events).toEqual([
      {
        kind: 'refused',
        cause: 'createRoomDenied',
        observed: false,
        sdkAppId: 1_400_000_001,
        at: world.clock.now(),
      },
    ]);
  });

  test('tell who changed the permissions of a member, and why; and its role', async () => {
    const world = new RoomWorldUnderTest();
    await world.enter('ana');
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    roomEvents(world);
    await world.operator.setDenied({ ...olga, users: { only: ['ana'] }, mask: sendVideo, value: sendVideo });
    await bob.seat.switchRole({ role: 'anchor' });
    const who = { userId: 'bob', memberId: bob.result.memberId };
    expect(roomEvents(world)).toMatchObject([
      {
        kind: 'permissionsChanged',
        userId: 'ana',
        actor: { type: 'operator', id: 'olga' } as const,
        cause: 'noise',
        before: 255,
        after: 255 - sendVideo,
      },
      {
        kind: 'permissionsChanged',
        ...who,
        actor: { type: 'user', id: 'bob' } as const,
        before: 255 - sendBits,
        after: 255,
      },
      { kind: 'roleChanged', ...who, before: 'audience', after: 'anchor' },
    ]);
  });

  test('tell when a track can be received and when it is closed, and why', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    roomEvents(world);
    const camera = await ana.publish('camera');
    const microphone = await ana.publish('microphone');
    const screen = await ana.publish('screen');
    await world.settle();
    await world.operator.setDenied({ ...olga, users: { only: ['ana'] }, mask: sendVideo, value: sendVideo });
    await ana.seat.unpublish({ trackId: microphone });
    await ana.seat.exit({});
    const tracks = roomEvents(world).filter(({ kind }) => kind !== 'permissionsChanged');
    expect(tracks).toMatchObject([
      { kind: 'trackOpened', userId: 'ana', trackId: camera, slot: 'camera' },
      { kind: 'trackOpened', trackId: microphone, slot: 'microphone' },
      { kind: 'trackOpened', trackId: screen, slot: 'screen' },
      { kind: 'trackClosed', trackId: camera, cause: 'sendVideoDenied' },
      { kind: 'trackClosed', userId: 'ana', trackId: microphone, cause: undefined },
      { kind: 'trackClosed', trackId: screen, cause: undefined },
      { kind: 'memberLeft', userId: 'ana' },
      { kind: 'roomEnded' },
    ]);
  });

  test('tell which member was refused, and who took up a seat again', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await world.resume(ana);
    await expect(ana.seat.setMuted({ trackId: 'none', muted: true })).rejects.toThrow();
    const who = { userId: 'ana', memberId: ana.result.memberId };
    expect(roomEvents(world).slice(2)).toMatchObject([
      { kind: 'memberResumed', ...who },
      { kind: 'refused', ...who, cause: 'notEntered', observed: false },
    ]);
  });
});

test("an operator's action is an event, with or without a room", async () => {
  const world = new RoomWorldUnderTest();
  const { room, ...by } = olga;
  await world.operator.ban({ ...olga, userId: 'ana' });
  await world.operator.revoke({ ...by, tickets: 'application' });
  const same = { kind: 'operatorAction', ...by, at: world.clock.now() };
  expect(world.events).toEqual([
    { ...same, action: 'ban', room: 'n:1', userIds: ['ana'] },
    { ...same, action: 'revoke', room: undefined, userIds: [] },
  ]);
});
