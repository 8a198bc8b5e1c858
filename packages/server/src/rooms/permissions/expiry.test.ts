import { RoomWorldUnderTest, settled } from '@roomkey/testkit';
import { sendBits, slots } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const HOUR = 3_600_000;

/** A key for room 1, signed now. */
const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number, expire = 300) =>
  world.issuer.genPrivateMapKey(userId, expire, 1, bits);

/** `bob` sends everything, with tickets that are good for 300 s. */
async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const bob = await world.enter('bob');
  for (const slot of slots) await bob.publish(slot);
  await world.settle();
  return { world, bob };
}

const change = async (world: RoomWorldUnderTest, settings: Partial<RoomWorldUnderTest['application']>) => {
  world.application = { ...world.application, ...settings };
  world.home.applicationChanged(world.application);
  await settled();
};

describe('expiry inside', () => {
  test('is announced 30 seconds ahead, once, and keep changes nothing', async () => {
    const { world, bob } = await call();
    world.clock.advance(269_000);
    expect(bob.link.told('keyWillExpire')).toEqual([]);
    world.clock.advance(2_000);
    expect(bob.link.told('keyWillExpire')).toEqual([{ expiresAt: 1_800_000_300 }]);
    world.clock.advance(600_000);
    expect(bob.link.told('keyWillExpire')).toHaveLength(1);
    expect(bob.link.told('permissionChanged')).toEqual([]);
    expect(bob.link.ended).toBe(false);
  });

  test('takes the send bits where the policy is demote, and a new key gives them back', async () => {
    const { world, bob } = await call({ expiryPolicy: 'demote' });
    world.clock.advance(301_000);
    expect(bob.link.told('permissionChanged')).toMatchObject([{ before: 255, after: 255 - sendBits }]);
    expect(bob.link.told('trackClosed')).toHaveLength(4);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 255) });
    expect(bob.link.told('permissionChanged').at(-1)).toMatchObject({ after: 255 });
  });

  test('removes where the policy is remove, at the second after the last good one', async () => {
    const { world, bob } = await call({ expiryPolicy: 'remove' });
    world.clock.advance(300_000);
    expect(bob.link.ended).toBe(false);
    world.clock.advance(1_000);
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyExpired' }]);
  });

  test('a new key before the expiry is watched instead of the old one', async () => {
    const { world, bob } = await call({ expiryPolicy: 'remove' });
    world.clock.advance(100_000);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 255, 1000) });
    world.clock.advance(300_000);
    expect(bob.link.ended).toBe(false);
    world.clock.advance(701_000);
    expect(bob.link.ended).toBe(true);
  });

  test('one timer serves a whole room, and one more those who are asked for a key', async () => {
    const { world } = await call();
    for (let i = 0; i < 20; i++) await world.enter(`user${i}`);
    expect(world.clock.pending).toBe(1);
    world.clock.advance(290_000);
    expect(world.clock.pending).toBe(1);

    const keyless = new RoomWorldUnderTest({ permissionControl: 'off' });
    for (let i = 0; i < 20; i++) await keyless.enter(`user${i}`, i % 2 === 0 ? { bits: null } : {});
    expect(keyless.clock.pending).toBe(0);
    await change(keyless, { permissionControl: 'enforce' });
    expect(keyless.clock.pending).toBe(2);
    await keyless.home.close();
    expect(keyless.clock.pending).toBe(0);
  });
});

describe('since when the send bits are gone', () => {
  test('is said of the moment in which they went, whatever else of the application changes', async () => {
    const { world, bob } = await call({ expiryPolicy: 'demote' });
    world.clock.advance(301_000);
    const since = world.clock.now();
    world.clock.advance(5000);
    await change(world, { name: 'another name' });
    const { explanation } = await bob.seat.changeAuthority({ authBits: -1 });
    expect(explanation.operands.lapsed).toMatchObject({ cause: 'keyExpired', since });
  });

  test('is said of what the key holds, however often that key is checked again', async () => {
    const world = new RoomWorldUnderTest();
    const since = world.clock.now();
    const bob = await world.enter('bob', { scene: 'live', bits: 255 - 16 });
    world.clock.advance(5000);
    const { explanation } = await bob.seat.switchRole({ role: 'anchor' });
    expect(explanation.operands.held).toMatchObject({ actor: { type: 'user', id: 'bob' } as const, since });
    const later = await bob.seat.switchRole({
      role: 'anchor',
      privateMapKey: keyFor(world, 'bob', 255 - 16),
    });
    expect(later.explanation.operands.held.since).toBe(since + 5000);
  });
});

describe('a wall clock that is set an hour ahead', () => {
  test('lets keys expire within half a minute, and gives back what went when it is set right again', async () => {
    const { world, bob } = await call({ expiryPolicy: 'demote' });
    world.clock.set(world.clock.now() + HOUR);
    world.clock.advance(30_000);
    expect(bob.link.told('permissionChanged').at(-1)).toMatchObject({ after: 255 - sendBits });
    world.clock.set(world.clock.now() - HOUR);
    world.clock.advance(30_000);
    expect(bob.link.told('permissionChanged').at(-1)).toMatchObject({ after: 255 });
    world.clock.advance(241_000);
    expect(bob.link.told('permissionChanged').at(-1)).toMatchObject({ after: 255 - sendBits });
    expect(bob.link.told('keyWillExpire')).toHaveLength(2);
  });

  test('puts out whose keys have expired by it, where the policy is remove', async () => {
    const { world, bob } = await call({ expiryPolicy: 'remove' });
    world.clock.set(world.clock.now() + HOUR);
    world.clock.advance(30_000);
    expect(bob.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyExpired' }]);
  });

  test('shortens neither the minute without a key, nor the seat of who is away, nor what is told of it', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const ana = await world.enter('ana', { bits: null });
    const bob = await world.enter('bob');
    await change(world, { permissionControl: 'enforce' });
    bob.seat.dropped('lost');
    world.clock.set(world.clock.now() + HOUR);
    await world.settle();
    expect(ana.link.told('keyRequired')).toEqual([{ seconds: 60, cause: 'privateMapKeyMissing' }]);
    const back = await world.resume(ana);
    expect(back.link.told('keyRequired')).toEqual([{ seconds: 60, cause: 'privateMapKeyMissing' }]);
    world.clock.advance(29_000);
    await world.resume(bob);
    world.clock.advance(30_999);
    expect(back.link.ended).toBe(false);
    world.clock.advance(1);
    expect(back.link.told('removed')).toEqual([{ reason: 'ticket', cause: 'privateMapKeyMissing' }]);
  });
});

describe('a wall clock that is set an hour back', () => {
  test('lets keys be good for an hour longer, and tickets of now be refused as dated in the future', async () => {
    const { world, bob } = await call({ expiryPolicy: 'remove' });
    const { userSig, privateMapKey } = world.request('eve');
    world.clock.set(world.clock.now() - HOUR);
    world.clock.advance(HOUR);
    expect(bob.link.ended).toBe(false);
    world.clock.set(world.clock.now() - HOUR);
    await expect(world.enter('eve', { userSig, privateMapKey })).rejects.toMatchObject({
      code: 'userSigIssuedInFuture',
    });
  });

  test('keeps neither a slot shut, nor a seat, nor the memory of one, for longer', async () => {
    const { world, bob } = await call();
    const eve = await world.enter('eve');
    const [trackId = ''] = world.plane.tracks.keys();
    world.plane.exceedBitrate(trackId);
    await world.settle();
    await world.operator.kick({
      sdkAppId: world.application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
      userIds: ['eve'],
    });
    world.clock.set(world.clock.now() - HOUR);
    await expect(bob.publish('microphone')).rejects.toMatchObject({ code: 'bitrateExceeded' });
    world.clock.advance(10_000);
    await bob.publish('microphone');
    await expect(world.resume(eve)).rejects.toMatchObject({ data: { removed: { reason: 'kicked' } } });
    bob.seat.dropped('lost');
    world.clock.advance(30_000);
    await expect(world.resume(eve)).rejects.toMatchObject({ data: { removed: undefined } });
    expect(world.home.counts().members).toBe(0);
  });
});
