import { RoomWorldUnderTest, settled, type TestMember } from '@roomkey/testkit';
import { AUTH_BITS_DEFAULT, Permission, presets, sendBits, slots } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

/** A key for room 1, signed now. */
const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number, expire = 300, roomId = 1) =>
  world.issuer.genPrivateMapKey(userId, expire, roomId, bits);

const received = (member: TestMember) => {
  const opened = member.link.told('consumerOpened').map(({ consumerId, slot }) => ({ consumerId, slot }));
  const closed = new Set(member.link.told('consumerClosed').map(({ consumerId }) => consumerId));
  return opened.filter(({ consumerId }) => !closed.has(consumerId)).map(({ slot }) => slot);
};

/** `ana` sends everything, `bob` receives everything and sends everything too. */
async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  for (const member of [ana, bob]) {
    await member.open('recv');
    for (const slot of slots) await member.publish(slot);
  }
  await world.settle();
  return { world, ana, bob };
}

describe('updatePrivateMapKey', () => {
  test('a key with fewer bits closes what it no longer allows, in both directions, before it is answered', async () => {
    const { world, ana, bob } = await call();
    const bits = 255 - Permission.sendVideo - Permission.recvAudio;
    const { explanation } = await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', bits) });
    expect(explanation.effective).toBe(bits);
    expect(received(bob)).toEqual(['camera', 'screen']);
    expect(bob.link.told('trackClosed').map(({ slot, cause }) => [slot, cause])).toEqual([
      ['camera', 'sendVideoDenied'],
    ]);
    expect(ana.link.told('trackRemoved').map(({ slot }) => slot)).toEqual(['camera']);
    expect(received(ana)).toEqual(['microphone', 'screen', 'screenAudio']);
    expect(bob.link.told('permissionChanged')).toMatchObject([{ before: 255, after: bits }]);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
  });

  test('a key with more bits opens subscribed tracks, and starts no microphone', async () => {
    const { world } = await call();
    const eve = await world.enter('eve', { bits: 2 });
    await eve.open('recv');
    await world.settle();
    expect(received(eve)).toEqual([]);
    await eve.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'eve', 255) });
    await world.settle();
    expect(received(eve).sort()).toEqual([...slots, ...slots].sort());
    expect(eve.link.told('permissionChanged')).toMatchObject([{ before: 2, after: 255 }]);
    expect(world.home.counts().tracks).toBe(8);
  });

  test.each([
    ['of another user', 'privateMapKeyWrongUser', (w: RoomWorldUnderTest) => keyFor(w, 'ana', 255)],
    ['of another room', 'privateMapKeyWrongRoom', (w: RoomWorldUnderTest) => keyFor(w, 'bob', 255, 300, 2)],
    ['without the enter bit', 'enterRoomDenied', (w: RoomWorldUnderTest) => keyFor(w, 'bob', 255 - 2)],
    ['that is no ticket', 'privateMapKeyMalformed', () => 'x'],
    ['that is empty', 'privateMapKeyMissing', () => ''],
    [
      'that is a UserSig',
      'privateMapKeyIsUserSig',
      (w: RoomWorldUnderTest) => w.issuer.genUserSig('bob', 300),
    ],
  ])('a key %s is refused as %s, and the old one stays', async (_title, code, key) => {
    const { world, bob } = await call();
    await expect(bob.seat.updatePrivateMapKey({ privateMapKey: key(world) })).rejects.toMatchObject({ code });
    expect(received(bob)).toEqual([...slots]);
    expect(bob.link.told('permissionChanged')).toEqual([]);
    expect(bob.link.ended).toBe(false);
  });

  test('a key that was signed before the one in use is refused', async () => {
    const { world, bob } = await call();
    const older = keyFor(world, 'bob', 255, 9000);
    world.clock.advance(1000);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 170) });
    await expect(bob.seat.updatePrivateMapKey({ privateMapKey: older })).rejects.toMatchObject({
      code: 'keyOlder',
    });
  });

  test('who may not enter, by a ban that is about to put it out or by an operator, gets no new key', async () => {
    const { world, bob } = await call();
    const { sdkAppId } = world.application;
    const where = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
    const mask = Permission.enterRoom;
    await world.operator.setDenied({ ...where, users: { only: ['bob'] }, mask, value: mask });
    const privateMapKey = keyFor(world, 'bob', 255);
    world.clock.advance(1000);
    const newer = keyFor(world, 'bob', 255);
    await expect(bob.seat.updatePrivateMapKey({ privateMapKey: newer })).rejects.toMatchObject({
      code: 'enterRoomDenied',
      message: expect.stringContaining('operator'),
    });
    // The one that is carried already stays good.
    await bob.seat.switchRole({ role: 'anchor' });
    await world.operator.setDenied({ ...where, users: { only: ['bob'] }, mask, value: 0 });
    await bob.seat.updatePrivateMapKey({ privateMapKey });
    const ban = { sdkAppId, room: 'n:1', userId: 'bob', until: world.clock.now() + 9000 };
    await world.restrictions.setBan({
      ...ban,
      actor: { type: 'operator', id: 'olga' } as const,
      cause: 'operator',
      since: world.clock.now(),
    });
    await expect(bob.seat.updatePrivateMapKey({ privateMapKey: newer })).rejects.toMatchObject({
      code: 'banned',
    });
  });

  test('a key that holds the same is no change that a member is told of', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { bits: 171 });
    world.clock.advance(1000);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 171) });
    expect(bob.link.told('permissionChanged')).toEqual([]);
  });

  test('the create bit is not needed: the room is there', async () => {
    const { world, bob } = await call();
    const { explanation } = await bob.seat.updatePrivateMapKey({
      privateMapKey: keyFor(world, 'bob', presets.audience),
    });
    expect(explanation.effective).toBe(presets.audience);
  });

  test('with control off any key is taken and nothing changes', async () => {
    const { bob } = await call({ permissionControl: 'off' });
    const { explanation } = await bob.seat.updatePrivateMapKey({ privateMapKey: 'x' });
    expect(explanation.effective).toBe(255);
  });

  test('in observe a bad key is counted and taken', async () => {
    const { world, bob } = await call({ permissionControl: 'observe' });
    await bob.seat.updatePrivateMapKey({ privateMapKey: 'x' });
    expect(world.refusals).toContainEqual({ cause: 'privateMapKeyMalformed', observed: true });
  });
});

describe('switchRole', () => {
  const live = { scene: 'live' } as const;

  test('to audience stops sending and hides the member, to anchor shows it again and gives the bits back', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', live);
    const bob = await world.enter('bob', live);
    await bob.publish('microphone');
    const down = await bob.seat.switchRole({ role: 'audience' });
    expect(down.explanation.effective).toBe(255 - sendBits);
    expect(bob.link.told('trackClosed')).toMatchObject([{ cause: 'sendAudioDenied' }]);
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'roleChanged' }]);
    await expect(bob.publish('microphone')).rejects.toMatchObject({ code: 'sendAudioDenied' });

    const up = await bob.seat.switchRole({ role: 'anchor' });
    expect(up.explanation.effective).toBe(255);
    expect(ana.link.told('memberEntered').map(({ member }) => member.userId)).toEqual(['bob', 'bob']);
    await bob.publish('microphone');
  });

  test('to anchor with a stale key removes the member, as TRTC does', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { ...live, role: 'audience' });
    world.clock.advance(301_000);
    await expect(bob.seat.switchRole({ role: 'anchor' })).rejects.toMatchObject({
      code: 'privateMapKeyExpired',
    });
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyExpired' }]);
    expect(bob.link.ended).toBe(true);
    expect(world.home.counts().members).toBe(0);
  });

  test('to anchor with a stale key is only refused where the application says so', async () => {
    const world = new RoomWorldUnderTest({ staleKeyPolicy: 'refuse' });
    const bob = await world.enter('bob', { ...live, role: 'audience' });
    world.clock.advance(301_000);
    await expect(bob.seat.switchRole({ role: 'anchor' })).rejects.toMatchObject({
      code: 'privateMapKeyExpired',
    });
    expect(bob.link.ended).toBe(false);
    const privateMapKey = keyFor(world, 'bob', 255);
    await expect(bob.seat.switchRole({ role: 'anchor', privateMapKey })).resolves.toMatchObject({
      explanation: { effective: 255 },
    });
  });

  test('with a bad new key is refused without removal', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { ...live, role: 'audience' });
    await expect(bob.seat.switchRole({ role: 'anchor', privateMapKey: 'x' })).rejects.toMatchObject({
      code: 'privateMapKeyMalformed',
    });
    expect(bob.link.ended).toBe(false);
  });

  test('to the role that the member has refreshes the key', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', live);
    const privateMapKey = keyFor(world, 'bob', presets.audience);
    const { explanation } = await bob.seat.switchRole({ role: 'anchor', privateMapKey });
    expect(explanation.effective).toBe(presets.audience);
  });

  test('away from anchor checks nothing', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', live);
    world.clock.advance(301_000);
    await expect(bob.seat.switchRole({ role: 'audience' })).resolves.toBeDefined();
  });
});

describe('changeAuthority', () => {
  test('takes and gives back within what is held', async () => {
    const { world, bob } = await call();
    const quiet = await bob.seat.changeAuthority({ authBits: presets.audience });
    expect(quiet.explanation.effective).toBe(presets.audience + 1);
    expect(bob.link.told('trackClosed')).toHaveLength(4);
    const all = await bob.seat.changeAuthority({ authBits: AUTH_BITS_DEFAULT });
    expect(all.explanation.effective).toBe(255);
    await world.settle();
  });

  test('beyond what is held is refused, bit by bit', async () => {
    const world = new RoomWorldUnderTest();
    const bob = await world.enter('bob', { bits: 171 });
    for (const bit of [4, 16, 64]) {
      await expect(bob.seat.changeAuthority({ authBits: bit })).rejects.toMatchObject({
        code: 'authBitsBeyondHeld',
      });
    }
    for (const bad of [256, -2, 1.5, 'x', '']) {
      await expect(bob.seat.changeAuthority({ authBits: bad })).rejects.toMatchObject({
        code: 'authBitsIllegal',
      });
    }
    const privateMapKey = keyFor(world, 'bob', 255);
    await expect(bob.seat.changeAuthority({ authBits: 255, privateMapKey })).resolves.toMatchObject({
      explanation: { effective: 255 },
    });
  });

  test('that is refused leaves the key that was carried', async () => {
    const world = new RoomWorldUnderTest({ expiryPolicy: 'remove' });
    const bob = await world.enter('bob', { bits: 171 });
    const privateMapKey = keyFor(world, 'bob', 171, 10_000);
    await expect(bob.seat.changeAuthority({ authBits: 255, privateMapKey })).rejects.toMatchObject({
      code: 'authBitsBeyondHeld',
    });
    world.clock.advance(301_000);
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyExpired' }]);
  });

  test('moves the role in scene live, which takes a good key', async () => {
    const world = new RoomWorldUnderTest({ staleKeyPolicy: 'refuse' });
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    const guest = await bob.seat.changeAuthority({ authBits: 0xfe });
    expect(guest.explanation.effective).toBe(0xff);
    const viewer = await bob.seat.changeAuthority({ authBits: 0xaa });
    expect(viewer.explanation.effective).toBe(0xab);
    world.clock.advance(301_000);
    await expect(bob.seat.changeAuthority({ authBits: 0xfe })).rejects.toMatchObject({
      code: 'privateMapKeyExpired',
    });
    expect(bob.link.ended).toBe(false);
  });
});

describe('a change of the application', () => {
  const change = async (world: RoomWorldUnderTest, settings: Partial<RoomWorldUnderTest['application']>) => {
    world.application = { ...world.application, ...settings };
    world.home.applicationChanged(world.application);
    await settled();
  };

  test('to enforce lets those with a good key stay with its bits, and removes the others after a minute', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const ana = await world.enter('ana', { bits: 171 });
    const bob = await world.enter('bob', { bits: null });
    const eve = await world.enter('eve', { bits: null });
    await change(world, { permissionControl: 'enforce' });
    expect(ana.link.told('permissionChanged')).toMatchObject([{ before: 255, after: 171 }]);
    expect(bob.link.told('keyRequired')).toEqual([{ seconds: 60, cause: 'privateMapKeyMissing' }]);
    await eve.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'eve', 255) });
    world.clock.advance(59_999);
    expect(bob.link.ended).toBe(false);
    world.clock.advance(1);
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyMissing' }]);
    expect([ana.link.ended, eve.link.ended]).toEqual([false, false]);
  });

  test('to enforce gives everybody the whole minute, also after somebody who was asked has left', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const ana = await world.enter('ana', { bits: null });
    const bob = await world.enter('bob', { bits: null });
    await change(world, { permissionControl: 'enforce' });
    await ana.seat.exit({});
    world.clock.advance(50_000);
    await change(world, { permissionControl: 'off' });
    await change(world, { permissionControl: 'enforce' });
    expect(bob.link.told('keyRequired').map(({ seconds }) => seconds)).toEqual([60, 60]);
    world.clock.advance(59_999);
    expect(bob.link.ended).toBe(false);
    world.clock.advance(1);
    expect(bob.link.ended).toBe(true);
  });

  test.each([5, 0])('to enforce gives %i seconds where the application says so', async (graceSeconds) => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const bob = await world.enter('bob', { bits: null });
    await bob.open('recv');
    await change(world, { permissionControl: 'enforce', graceSeconds });
    expect(bob.link.told('keyRequired').map(({ seconds }) => seconds)).toEqual([graceSeconds]);
    const asked = world.plane.calls.length;
    world.clock.advance(graceSeconds * 1000);
    await settled();
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyMissing' }]);
    // Nobody waits for an answer; the media engine has to confirm all the same.
    expect(world.plane.calls.slice(asked).at(-1)).toMatch(/^confirmClosed /);
  });

  test('back from enforce gives everybody everything and forgets the grace', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { bits: 171 });
    await change(world, { permissionControl: 'off' });
    expect(ana.link.told('permissionChanged')).toMatchObject([{ before: 171, after: 255 }]);
  });

  test('of one room reaches that room', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { bits: 171 });
    const bob = await world.enter('bob', { bits: 171, roomId: 2 });
    await change(world, { roomControls: new Map([['n:2', 'off' as const]]) });
    expect(ana.link.told('permissionChanged')).toEqual([]);
    expect(bob.link.told('permissionChanged')).toMatchObject([{ after: 255 }]);
  });

  test('to a retired key lets members stay, to a compromised one removes whom it signed for', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const [key] = world.application.keys;
    if (!key) throw new Error('the application has no key');
    await change(world, { keys: [{ ...key, state: 'retired' }] });
    expect(ana.link.ended).toBe(false);
    await change(world, { keys: [{ ...key, state: 'compromised' }] });
    expect(ana.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'keyCompromised' }]);
  });

  test('to another policy acts on keys that have expired already', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    world.clock.advance(400_000);
    await change(world, { expiryPolicy: 'demote' });
    expect(ana.link.told('permissionChanged')).toMatchObject([{ after: 255 - sendBits }]);
    await change(world, { expiryPolicy: 'keep' });
    expect(ana.link.told('permissionChanged')).toHaveLength(2);
  });
});
