import { RoomWorldUnderTest } from '@roomkey/testkit';
import { TicketIssuer } from '@roomkey/tickets';
import { allows, Permission } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number, roomId = 1) =>
  world.issuer.genPrivateMapKey(userId, 300, roomId, bits);

const at = (world: RoomWorldUnderTest, roomId = 1) => ({
  sdkAppId: world.application.sdkAppId,
  room: { roomId },
  actor: { type: 'operator', id: 'olga' } as const,
});

describe('bits', () => {
  test.each<[string, number | string]>([
    ['that are not whole', 1.5],
    ['that are not whole, as text', '1.5'],
    ['below 0 that are not all ones', -2],
    ['above 255', 256],
    ['of 32 ones', 0xffff_ffff],
    ['of 65 bits', '36893488147419103231'],
    ['that are no number', 'seven'],
    ['that are empty', ''],
    ['in another base', '0xff'],
    ['with a space', ' 255'],
    ['beyond all numbers', Number.POSITIVE_INFINITY],
    ['that are not a number', Number.NaN],
  ])('%s are refused at entry and inside, and change nothing', async (_, authBits) => {
    const world = new RoomWorldUnderTest();
    await expect(world.enter('ana', { authBits })).rejects.toMatchObject({ code: 'authBitsIllegal' });
    expect(world.home.counts().members).toBe(0);
    const bob = await world.enter('bob');
    await expect(bob.seat.changeAuthority({ authBits })).rejects.toMatchObject({ code: 'authBitsIllegal' });
    expect(bob.link.told('permissionChanged')).toEqual([]);
  });

  test.each<[string, number | string]>([
    ['-1', -1],
    ['-1 as text, as a bigint is sent', '-1'],
    ['2^64 - 1, which as a number is 2^64', 2 ** 64],
    ['2^64 - 1 as text, as a bigint is sent', '18446744073709551615'],
  ])('%s are all eight, and are not compared with what is held', async (_, authBits) => {
    const world = new RoomWorldUnderTest();
    await world.enter('ana');
    const bob = await world.enter('bob', { authBits, bits: 170 });
    expect(bob.result.explanation.effective).toBe(170);
    await bob.seat.changeAuthority({ authBits: 8 });
    const { explanation } = await bob.seat.changeAuthority({ authBits });
    expect(explanation.operands.authority).toMatchObject({ bits: 255, cause: 'default' });
    expect(explanation.effective).toBe(170);
  });

  test('beyond what is held are refused for every byte that is held, and for no other reason', async () => {
    const world = new RoomWorldUnderTest();
    await world.enter('ana');
    for (let held = 2; held < 256; held += 20) {
      if (!allows(held, Permission.enterRoom)) continue;
      const bob = await world.enter('bob', { bits: held });
      for (const bit of [4, 8, 16, 32, 64, 128]) {
        const asked = bob.seat.changeAuthority({ authBits: bit }).then(
          () => 'good',
          ({ code, data }) => `${code} ${data.permission}`,
        );
        const [name] = Object.entries(Permission).find(([, value]) => value === bit) ?? [];
        expect(await asked).toBe(allows(held, bit) ? 'good' : `authBitsBeyondHeld ${name}`);
      }
      // Those of entry are the ticket's alone.
      await bob.seat.changeAuthority({ authBits: 3 });
    }
  });
});

describe('a new key', () => {
  const other = (world: RoomWorldUnderTest, sdkAppId: number, secretKey: string, later = 0) =>
    new TicketIssuer({ sdkAppId, secretKey, now: Math.floor(world.clock.now() / 1000) + later });
  const secretOf = (world: RoomWorldUnderTest) => world.application.keys[0]?.secret ?? '';
  type KeyOf = (world: RoomWorldUnderTest) => string;
  const bad: [string, string, KeyOf][] = [
    ['of another user', 'privateMapKeyWrongUser', (world) => keyFor(world, 'ana', 255)],
    ['of another room', 'privateMapKeyWrongRoom', (world) => keyFor(world, 'bob', 255, 2)],
    [
      'of the room with the same digits as a text',
      'privateMapKeyWrongRoom',
      (world) => world.issuer.genPrivateMapKeyWithStringRoomID('bob', 300, '1', 255),
    ],
    [
      'of another application',
      'privateMapKeyWrongApplication',
      (world) => other(world, 1_400_000_009, secretOf(world)).genPrivateMapKey('bob', 300, 1, 255),
    ],
    [
      'that a foreign key has signed',
      'privateMapKeyForged',
      (world) =>
        other(world, world.application.sdkAppId, 'another secret').genPrivateMapKey('bob', 300, 1, 255),
    ],
    ['without the enter bit', 'enterRoomDenied', (world) => keyFor(world, 'bob', 253)],
    [
      'that has expired',
      'privateMapKeyExpired',
      (world) =>
        other(world, world.application.sdkAppId, secretOf(world), -10).genPrivateMapKey('bob', 9, 1, 255),
    ],
  ];

  test.each(bad)('%s is refused as %s by every way, and the old one stays', async (_, code, key) => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { scene: 'live', bits: 255 - 64 });
    const privateMapKey = key(world);
    for (const asked of [
      () => bob.seat.updatePrivateMapKey({ privateMapKey }),
      () => bob.seat.switchRole({ role: 'anchor', privateMapKey }),
      () => bob.seat.switchRole({ role: 'audience', privateMapKey }),
      () => bob.seat.changeAuthority({ authBits: -1, privateMapKey }),
      () => bob.seat.changeAuthority({ authBits: 8, privateMapKey }),
    ])
      await expect(asked()).rejects.toMatchObject({ code });
    expect(bob.link.told('permissionChanged')).toEqual([]);
    expect(bob.link.ended).toBe(false);
    const { explanation } = await bob.seat.switchRole({ role: 'anchor' });
    expect(explanation.effective).toBe(255 - 64);
  });

  test('older than the one in use is refused by every way', async () => {
    const world = new RoomWorldUnderTest();
    const older = keyFor(world, 'bob', 255);
    world.clock.advance(1000);
    const bob = await world.enter('bob', { scene: 'live', bits: 170 + 1 });
    for (const asked of [
      () => bob.seat.updatePrivateMapKey({ privateMapKey: older }),
      () => bob.seat.switchRole({ role: 'anchor', privateMapKey: older }),
      () => bob.seat.changeAuthority({ authBits: 255, privateMapKey: older }),
    ])
      await expect(asked()).rejects.toMatchObject({ code: 'keyOlder' });
  });

  test('signed by a key that was retired meanwhile is refused, and makes no anchor', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    const privateMapKey = keyFor(world, 'bob', 255);
    const [key] = world.application.keys;
    if (!key) throw new Error('no key');
    world.application = { ...world.application, keys: [{ ...key, state: 'retired' }] };
    await world.home.applicationChanged(world.application);
    expect(bob.link.ended).toBe(false);
    await expect(bob.seat.updatePrivateMapKey({ privateMapKey })).rejects.toMatchObject({
      code: 'privateMapKeyForged',
    });
    expect(bob.link.ended).toBe(false);
    await expect(bob.seat.switchRole({ role: 'anchor' })).rejects.toMatchObject({
      code: 'privateMapKeyForged',
    });
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyForged' }]);
  });
});

test('whatever a member asks for who has left, or whose seat another connection has, is refused and changes nothing', async () => {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  const transportId = await bob.open('send');
  const privateMapKey = keyFor(world, 'bob', 170);
  const requests = () => [
    bob.seat.updatePrivateMapKey({ privateMapKey }),
    bob.seat.switchRole({ role: 'audience' }),
    bob.seat.changeAuthority({ authBits: 0 }),
    bob.seat.openTransport({ direction: 'recv' }),
    bob.seat.restartIce({ transportId }),
    bob.publish('camera'),
    bob.seat.setMuted({ trackId: 'x', muted: true }),
    bob.seat.unpublish({ trackId: 'x' }),
    bob.seat.subscribe({ userId: 'ana', slot: 'camera' }),
    bob.seat.unsubscribe({ userId: 'ana', slot: 'camera' }),
    bob.seat.consumerReady({ consumerId: 'x' }),
    bob.seat.exit({}),
  ];
  const back = await world.resume(bob);
  for (const request of requests()) await expect(request).rejects.toMatchObject({ code: 'notEntered' });
  await back.seat.exit({});
  for (const request of requests()) await expect(request).rejects.toMatchObject({ code: 'notEntered' });
  expect(world.home.counts()).toMatchObject({ members: 1, tracks: 0 });
  expect(ana.link.told('memberLeft')).toHaveLength(1);
});

describe('an operator', () => {
  test('who expects another version is refused with the current one, and of whom', async () => {
    const world = new RoomWorldUnderTest();
    const mask = Permission.sendAudio;
    const asked = { ...at(world), users: { only: ['ana', 'bob'] }, mask, value: mask };
    await world.operator.setDenied({ ...asked, users: { only: ['bob'] } });
    for (const expectedVersion of [0, 2, 7])
      await expect(
        world.operator.setDenied({ ...asked, users: { only: ['bob'] }, expectedVersion }),
      ).rejects.toMatchObject({
        code: 'versionConflict',
        data: { version: 1, userId: 'bob' },
      });
    // Each user has its own, and one that does not fit refuses all.
    await expect(
      world.operator.setDenied({
        ...asked,
        expectedVersion: [
          ['ana', 1],
          ['bob', 1],
        ],
      }),
    ).rejects.toMatchObject({ code: 'versionConflict', data: { version: 0, userId: 'ana' } });
    expect(world.store.read().denials).toHaveLength(1);
    const changed = await world.operator.setDenied({ ...asked, value: 0, expectedVersion: [['bob', 1]] });
    expect(changed.map(({ userId, version }) => [userId, version])).toEqual([['bob', 2]]);
  });

  test('who expects a version of somebody whom the change does not concern is refused, and nothing changes', async () => {
    const world = new RoomWorldUnderTest();
    const asked = { ...at(world), users: { only: ['bob'] }, mask: 4, value: 4 };
    const expecting = (...expectedVersion: [string, number][]) =>
      world.operator.setDenied({ ...asked, expectedVersion });
    for (const other of ['bbo', '__proto__'])
      await expect(expecting([other, 3])).rejects.toMatchObject({
        code: 'settingInvalid',
        message: expect.stringContaining(other),
      });
    await expect(expecting(['b o b', 3])).rejects.toMatchObject({ code: 'userIdIllegal' });
    await expect(expecting(['bob', 0], ['bob', 3])).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining('twice'),
    });
    expect(world.store.read().denials).toEqual([]);
  });

  test.each<[string, string, (world: RoomWorldUnderTest) => Promise<unknown>]>([
    [
      'a kick of somebody who is not inside',
      'memberUnknown',
      (world) => world.operator.kick({ ...at(world), userIds: ['eve'] }),
    ],
    [
      'a kick from a room that is not there',
      'roomUnknown',
      (world) => world.operator.kick({ ...at(world, 9), userIds: ['bob'] }),
    ],
    [
      'a dismissal of a room that is not there',
      'roomUnknown',
      (world) => world.operator.dismissRoom(at(world, 9)),
    ],
    [
      'a denial to all of a room that is not there',
      'roomUnknown',
      (world) => world.operator.setDenied({ ...at(world, 9), users: 'all', mask: 4, value: 4 }),
    ],
    [
      'a denial to all but some of a room that is not there',
      'roomUnknown',
      (world) => world.operator.setDenied({ ...at(world, 9), users: { except: ['bob'] }, mask: 4, value: 4 }),
    ],
    [
      'the lifting of a ban that nobody has',
      'banUnknown',
      (world) => world.operator.unban({ ...at(world), userId: 'bob' }),
    ],
    [
      'a kick of no user id',
      'userIdIllegal',
      (world) => world.operator.kick({ ...at(world), userIds: ['b b'] }),
    ],
    ['a ban of no user id', 'userIdIllegal', (world) => world.operator.ban({ ...at(world), userId: '' })],
    [
      'a revocation for no user id',
      'userIdIllegal',
      (world) => world.operator.revoke({ ...at(world), tickets: { userId: '\n' } }),
    ],
    ['a dismissal of no room id', 'roomIdIllegal', (world) => world.operator.dismissRoom(at(world, 0))],
    [
      'a ban in an application that is not there',
      'applicationUnknown',
      (world) => world.operator.ban({ ...at(world), sdkAppId: 5, userId: 'bob' }),
    ],
    [
      'a revocation of the future',
      'settingInvalid',
      (world) => world.operator.revoke({ ...at(world), tickets: 'application', before: 4_000_000_000 }),
    ],
    [
      'a revocation up to half a second',
      'settingInvalid',
      (world) => world.operator.revoke({ ...at(world), tickets: 'application', before: 1.5 }),
    ],
  ])('is refused %s as %s, and nothing has changed', async (_, code, act) => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob');
    await expect(act(world)).rejects.toMatchObject({ code });
    expect(world.store.read()).toEqual({ denials: [], bans: [], revocations: [], floors: [] });
    expect([bob.link.ended, bob.link.told('permissionChanged')]).toEqual([false, []]);
  });

  test('can take from and ban a user who never came: that waits for it', async () => {
    const world = new RoomWorldUnderTest();
    const mask = Permission.sendAudio;
    await world.operator.setDenied({ ...at(world), users: { only: ['new'] }, mask, value: mask });
    await world.operator.ban({ ...at(world, 2), userId: 'new' });
    expect((await world.enter('new')).result.explanation.effective).toBe(255 - mask);
    await expect(world.enter('new', { roomId: 2 })).rejects.toMatchObject({ code: 'banned' });
  });
});
