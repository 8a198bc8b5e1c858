import { RoomWorldUnderTest, rtpParametersFor, settled } from '@roomkey/testkit';
import { Permission, presets } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const { enterRoom, sendVideo, sendSub } = Permission;
const observe = { permissionControl: 'observe' } as const;

const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number, expire = 300) =>
  world.issuer.genPrivateMapKey(userId, expire, 1, bits);

/** What was told of requests that `enforce` would have refused. */
const observed = ({ refusals }: RoomWorldUnderTest) =>
  refusals.filter((refusal) => refusal.observed).map(({ cause }) => cause);

const shown = (world: RoomWorldUnderTest, userId: string) =>
  world.lists.member({ sdkAppId: world.application.sdkAppId, room: { roomId: 1 }, userId }).member;

const change = async (world: RoomWorldUnderTest, settings: Partial<RoomWorldUnderTest['application']>) => {
  world.application = { ...world.application, ...settings };
  world.home.applicationChanged(world.application);
  await settled();
};

describe('where keys are only observed', () => {
  test('a member has every permission, and what its key would leave is worked out beside it and told', async () => {
    const world = new RoomWorldUnderTest(observe);
    await world.enter('eve');
    await world.enter('ana', { bits: 255 - 1 });
    const bob = await world.enter('bob', { bits: presets.audience });
    expect(bob.result.explanation.effective).toBe(255);
    expect(world.lacking).toEqual([{ userId: 'bob', permissions: ['sendAudio', 'sendVideo', 'sendSub'] }]);
    expect(shown(world, 'ana')?.observed).toEqual({ effective: 254, lacks: [] });
    expect(shown(world, 'bob')?.observed).toEqual({
      effective: presets.audience,
      lacks: ['sendAudio', 'sendVideo', 'sendSub'],
    });
    expect(observed(world)).toEqual([]);
  });

  test('the other operands hold, and what they take is not said to be lacking', async () => {
    const world = new RoomWorldUnderTest(observe);
    const bob = await world.enter('bob', { bits: presets.audience + 1 });
    const { sdkAppId } = world.application;
    await world.operator.setDenied({
      sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
      users: { only: ['bob'] },
      mask: sendSub,
      value: sendSub,
    });
    expect(bob.link.told('permissionChanged').at(-1)?.after).toBe(255 - sendSub);
    expect(shown(world, 'bob')?.observed?.lacks).toEqual(['sendAudio', 'sendVideo']);
    const eve = await world.enter('eve', { scene: 'live', role: 'audience', bits: presets.audience });
    expect(eve.result.explanation.effective).toBe(presets.audience + 1);
    expect(shown(world, 'eve')?.observed?.lacks).toEqual([]);
  });

  test('each request that the bits of the key would forbid is counted and let pass', async () => {
    const world = new RoomWorldUnderTest(observe);
    const ana = await world.enter('ana');
    const bob = await world.enter('bob', { bits: enterRoom + Permission.sendAudio });
    await bob.publish('microphone');
    expect(observed(world)).toEqual([]);
    await bob.publish('camera');
    await bob.publish('screenAudio');
    await bob.seat.subscribe({ userId: 'ana', slot: 'screen' });
    await bob.seat.changeAuthority({ authBits: Permission.sendAudio });
    await bob.seat.changeAuthority({ authBits: sendVideo });
    expect(observed(world)).toEqual([
      'sendVideoDenied',
      'sendSubDenied',
      'recvSubDenied',
      'authBitsBeyondHeld',
    ]);
    await ana.seat.exit({});
  });

  test('what is refused in every mode is not counted as observed', async () => {
    const world = new RoomWorldUnderTest(observe);
    const bob = await world.enter('bob', { bits: 3, authBits: 0 });
    const transportId = await bob.open('send');
    const publishing = {
      transportId,
      slot: 'camera',
      rtpParameters: rtpParametersFor('camera'),
      muted: false,
    } as const;
    await expect(bob.seat.publish(publishing)).rejects.toMatchObject({ code: 'sendVideoDenied' });
    expect(observed(world)).toEqual([]);
  });

  test.each([
    ['without a key', { bits: null }, 'privateMapKeyMissing'],
    ['with a key without the enter bit', { bits: 253 }, 'enterRoomDenied'],
    ['with a key that may not create the room', { bits: 254 }, 'createRoomDenied'],
    ['with bits beyond its key', { bits: 171, authBits: 4 }, 'authBitsBeyondHeld'],
  ])('an entry %s is counted once, and shown as refused', async (_title, wish, refusal) => {
    const world = new RoomWorldUnderTest(observe);
    const bob = await world.enter('bob', wish);
    expect(observed(world)).toEqual([refusal]);
    expect(shown(world, 'bob')?.observed).toEqual({ refusal, lacks: [] });
    // Nobody would be inside: what it asks for is not counted beside.
    await bob.publish('microphone');
    expect(observed(world)).toEqual([refusal]);
    expect(world.lacking).toEqual([]);
  });

  test('a bad new key is counted once, and the good one is carried on as under enforce', async () => {
    const world = new RoomWorldUnderTest(observe);
    const bob = await world.enter('bob', { scene: 'live', role: 'audience', bits: 254 });
    await world.enter('ana');
    observed(world);
    const before = observed(world).length;
    await bob.seat.changeAuthority({ authBits: 255, privateMapKey: keyFor(world, 'ana', 255) });
    expect(observed(world).slice(before)).toEqual(['privateMapKeyWrongUser']);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 254 - sendVideo) });
    expect(shown(world, 'bob')?.observed?.lacks).toEqual(['sendVideo']);
    const refused = keyFor(world, 'bob', 253);
    await bob.seat.updatePrivateMapKey({ privateMapKey: refused });
    expect(shown(world, 'bob')?.observed?.lacks).toEqual(['sendVideo']);
    await change(world, { permissionControl: 'enforce' });
    expect(bob.link.told('permissionChanged').at(-1)?.after).toBe(254 - sendVideo);
    expect(bob.link.told('keyRequired')).toEqual([]);
  });

  test('an older key is counted as such', async () => {
    const world = new RoomWorldUnderTest(observe);
    const older = keyFor(world, 'bob', 255);
    world.clock.advance(1000);
    const bob = await world.enter('bob');
    await bob.seat.updatePrivateMapKey({ privateMapKey: older });
    expect(observed(world)).toEqual(['keyOlder']);
  });

  test('a stale key at the change to anchor is counted, and nobody is removed', async () => {
    const world = new RoomWorldUnderTest(observe);
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    world.clock.advance(301_000);
    await bob.seat.switchRole({ role: 'anchor' });
    expect(observed(world)).toEqual(['privateMapKeyExpired']);
    expect(bob.link.ended).toBe(false);
    expect(shown(world, 'bob')?.observed?.refusal).toBe('privateMapKeyExpired');
  });

  test('it is worked out for who is inside when observing begins, and gone when it ends', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    await world.enter('ana', { bits: presets.audience + 1 });
    await world.enter('bob', { bits: null });
    await world.enter('eve');
    const { sdkAppId } = world.application;
    expect(await world.lists.observed(sdkAppId)).toBeUndefined();
    await change(world, observe);
    expect(await world.lists.observed(sdkAppId)).toEqual({
      members: 3,
      refused: { privateMapKeyMissing: 1 },
      lacking: { sendAudio: 1, sendVideo: 1, sendSub: 1 },
    });
    expect(observed(world)).toEqual(['privateMapKeyMissing']);
    await change(world, { permissionControl: 'enforce' });
    expect(await world.lists.observed(sdkAppId)).toBeUndefined();
    await change(world, observe);
    expect(await world.lists.observed(sdkAppId)).toMatchObject({
      members: 3,
      refused: { privateMapKeyMissing: 1 },
    });
    await change(world, { permissionControl: 'off' });
    expect(await world.lists.observed(sdkAppId)).toBeUndefined();
    expect(shown(world, 'ana')).not.toHaveProperty('observed');
  });

  test.each(['a revocation of the room’s keys', 'a compromised secret key'])(
    '%s puts nobody out, and whom enforce would put out is told once',
    async (way) => {
      const world = new RoomWorldUnderTest({
        ...observe,
        keys: [
          { keyId: 'old', secret: 'a secret key for tests', state: 'active' },
          { keyId: 'new', secret: 'another secret key for tests', state: 'active' },
        ],
      });
      const { sdkAppId, keys } = world.application;
      const privateMapKey = keyFor(world, 'bob', 255);
      world.application = { ...world.application, keys: [...keys].reverse() };
      const bob = await world.enter('bob', { privateMapKey });
      const revoke = () =>
        world.operator.revoke({
          sdkAppId,
          actor: { type: 'operator', id: 'olga' } as const,
          tickets: { room: { roomId: 1 } },
        });
      const compromise = () =>
        change(world, {
          keys: world.application.keys.map((key) =>
            key.keyId === 'old' ? { ...key, state: 'compromised' } : key,
          ),
        });
      const refusal = way.includes('secret') ? 'keyCompromised' : 'privateMapKeyRevoked';
      for (let times = 0; times < 2; times++) await (way.includes('secret') ? compromise() : revoke());
      expect(observed(world)).toEqual([refusal]);
      expect(shown(world, 'bob')?.observed).toEqual({ refusal, lacks: [] });
      expect(bob.link.ended).toBe(false);
    },
  );
});
