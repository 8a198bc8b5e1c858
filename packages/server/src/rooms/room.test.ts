import { RoomWorldUnderTest } from '@roomkey/testkit';
import { presets } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

describe('entering and leaving', () => {
  test('everybody inside is told who enters, and who enters is told who is inside', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    expect(ana.link.told('memberEntered').map(({ member }) => member.userId)).toEqual(['bob']);
    expect(bob.result.members.map(({ userId }) => userId)).toEqual(['ana']);
    expect(bob.link.told('memberEntered')).toEqual([]);
  });

  test('numeric room 123 and string room "123" are two rooms', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { roomId: 123 });
    const bob = await world.enter('bob', { strRoomId: '123' });
    expect(bob.result.members).toEqual([]);
    expect(ana.link.notices).toEqual([]);
    expect(world.home.counts().rooms).toBe(2);
  });

  test('a member who exits and one who closes the connection leave with their own reasons', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const eve = await world.enter('eve');
    await bob.seat.exit({});
    eve.seat.dropped('left');
    eve.seat.dropped('left');
    expect(ana.link.told('memberLeft').map(({ userId, reason }) => [userId, reason])).toEqual([
      ['bob', 'exit'],
      ['eve', 'timeout'],
    ]);
  });

  test('an exit is answered when the media engine has closed what the member had', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.publish('camera');
    await ana.seat.exit({});
    expect(world.plane.tracks.size).toBe(0);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
  });

  test('a transport is connected once: a second call is refused, and the first one holds', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const transportId = await ana.open('send');
    const dtlsParameters = { role: 'client' as const, fingerprints: [] };
    const connect = () => ana.seat.connectTransport({ transportId, dtlsParameters });
    await connect();
    await expect(connect()).rejects.toMatchObject({ code: 'invalidParams' });
    expect(world.plane.calls.filter((call) => call.startsWith('connectTransport'))).toHaveLength(1);
    const { result } = await world.resume(ana);
    expect(result).toHaveProperty('transports', [{ transportId, direction: 'send', connected: true }]);
  });

  test('every request after the exit is refused as notEntered', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.seat.exit({});
    await expect(ana.seat.exit({})).rejects.toMatchObject({ code: 'notEntered' });
    await expect(ana.seat.openTransport({ direction: 'send' })).rejects.toMatchObject({ code: 'notEntered' });
  });

  test('the numbers of events rise', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    await bob.publish('microphone');
    await bob.seat.exit({});
    const numbers = ana.link.notices.map(({ params }) => ('seq' in params ? params.seq : 0)).filter(Boolean);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(3);
  });

  test('in scene live an audience member comes and goes unseen', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { scene: 'live' });
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    const eve = await world.enter('eve', { scene: 'live', role: 'audience' });
    await bob.seat.exit({});
    expect(ana.link.notices).toEqual([]);
    expect(eve.result.members.map(({ userId }) => userId)).toEqual(['ana']);
  });
});

describe('the same user again', () => {
  test('replaces the old entry, which is told so and ended', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob');
    const first = await world.enter('ana');
    const second = await world.enter('ana');
    expect(first.link.told('removed')).toEqual([{ reason: 'replaced' }]);
    expect(first.link.ended).toBe(true);
    expect(second.result.members.map(({ userId }) => userId)).toEqual(['bob']);
    expect(bob.link.notices.map(({ method }) => method)).toEqual([
      'memberEntered',
      'memberLeft',
      'memberEntered',
    ]);
    first.seat.dropped('left');
    expect(world.home.counts().members).toBe(2);
  });

  test('is answered when the media engine has closed what it replaced', async () => {
    const world = new RoomWorldUnderTest();
    await (await world.enter('ana')).publish('camera');
    const release = world.plane.hold();
    let isIn = false;
    const entry = world.enter('ana').then(() => {
      isIn = true;
    });
    await world.settle();
    expect(isIn).toBe(false);
    await release();
    await entry;
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
  });

  test('replaces it in a full room too', async () => {
    const world = new RoomWorldUnderTest({ maxMembersPerRoom: 1 });
    await world.enter('ana');
    await world.enter('ana');
    expect(world.home.counts().members).toBe(1);
  });

  test('is refused where the application says so', async () => {
    const world = new RoomWorldUnderTest({ duplicatePolicy: 'refuse' });
    const first = await world.enter('ana');
    await expect(world.enter('ana')).rejects.toMatchObject({ code: 'userAlreadyInside' });
    expect(first.link.ended).toBe(false);
  });
});

describe('rooms', () => {
  test('a room is gone when it is empty: the create bit is needed again', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.seat.exit({});
    expect(world.home.counts().rooms).toBe(0);
    expect(world.plane.calls.filter((call) => call.startsWith('closeRoom '))).toHaveLength(1);
    await expect(world.enter('bob', { bits: presets.audience })).rejects.toMatchObject({
      code: 'createRoomDenied',
    });
  });

  test('an empty room lingers for as long as the application says', async () => {
    const world = new RoomWorldUnderTest({ lingerSeconds: 30 });
    const ana = await world.enter('ana');
    await ana.seat.exit({});
    world.clock.advance(29_999);
    const bob = await world.enter('bob', { bits: presets.audience });
    world.clock.advance(60_000);
    expect(world.home.counts().rooms).toBe(1);
    await bob.seat.exit({});
    world.clock.advance(30_000);
    expect(world.home.counts().rooms).toBe(0);
    expect(world.clock.pending).toBe(0);
  });

  test('no more rooms than the application may have', async () => {
    const world = new RoomWorldUnderTest({ maxRooms: 1 });
    await world.enter('ana', { roomId: 1 });
    await expect(world.enter('bob', { roomId: 2 })).rejects.toMatchObject({ code: 'tooManyRooms' });
    await world.enter('bob', { roomId: 1 });
  });

  test('when the home closes, everybody is told and ended, and nobody enters any more', async () => {
    const world = new RoomWorldUnderTest();
    const members = [await world.enter('ana'), await world.enter('bob'), await world.enter('eve')];
    await world.home.close();
    for (const { link } of members) {
      const methods = link.notices.map(({ method }) => method);
      expect(link.told('removed')).toEqual([{ reason: 'serverStopping' }]);
      expect(methods.at(-1)).toBe('removed');
      expect(methods).not.toContain('memberLeft');
      expect(link.ended).toBe(true);
    }
    await expect(world.enter('dan')).rejects.toMatchObject({ code: 'serverStopping' });
  });
});
