import { RoomWorldUnderTest, settled } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';
import { call, flowing, refused } from './resume.fixture.ts';

describe('while a member is away', () => {
  test('a bit that is taken is gone from the media at once, and after the resume', async () => {
    const { world, ana, bob, at } = await call();
    bob.seat.dropped('lost');
    await world.operator.setDenied({ ...at, users: { only: ['bob'] }, mask: 0x18, value: 0x18 });
    expect(flowing(world, bob)).toEqual(['camera']);
    expect(flowing(world, ana)).toEqual(['microphone']);
    const { result } = await world.resume(bob);
    expect(result.explanation.effective).toBe(255 & ~0x18);
    expect(result.explanation.cleared.map(({ operand, actor }) => [operand, actor.id])).toEqual([
      ['denied', 'olga'],
      ['denied', 'olga'],
    ]);
    expect(result).toMatchObject({
      tracks: [{ slot: 'microphone' }],
      closed: [{ slot: 'camera', cause: 'sendVideoDenied' }],
      consumers: [{ userId: 'ana', slot: 'camera' }],
    });
  });

  test('a bit that is given back works at once', async () => {
    const { world, bob, at } = await call();
    const users = { only: ['bob'] };
    await world.operator.setDenied({ ...at, users, mask: 8, value: 8 });
    bob.seat.dropped('lost');
    await world.operator.setDenied({ ...at, users, mask: 8, value: 0 });
    await world.settle();
    const { result } = await world.resume(bob);
    expect(result).toMatchObject({ explanation: { effective: 255 }, consumers: [{}, {}] });
  });

  type Call = Awaited<ReturnType<typeof call>>;
  const endings: [string, (call: Call) => unknown, object | undefined][] = [
    ['a kick', ({ world, at }) => world.operator.kick({ ...at, userIds: ['bob'] }), { reason: 'kicked' }],
    [
      'a ban',
      ({ world, at }) => world.operator.ban({ ...at, userId: 'bob' }),
      { reason: 'banned', cause: 'banned' },
    ],
    [
      'a revocation',
      ({ world, at: { sdkAppId, actor } }) =>
        world.operator.revoke({ sdkAppId, actor, tickets: { userId: 'bob' } }),
      { reason: 'revoked', cause: 'userSigRevoked' },
    ],
    [
      'a compromised key',
      ({ world }) => {
        const [key] = world.application.keys;
        if (!key) throw new Error('no key');
        world.application = { ...world.application, keys: [{ ...key, state: 'compromised' }] };
        world.home.applicationChanged(world.application);
      },
      { reason: 'ticket', cause: 'keyCompromised' },
    ],
    ['another entry of the user', ({ world }) => world.enter('bob'), { reason: 'replaced' }],
    ['a dismissed room', ({ world, at }) => world.operator.dismissRoom(at), { reason: 'dismissed' }],
    [
      'an expired key, where that removes',
      ({ world }) => world.clock.advance(301_000),
      { reason: 'ticket', cause: 'privateMapKeyExpired' },
    ],
    [
      'its own exit, superseded',
      async ({ world, bob }) => (await world.resume(bob)).seat.exit({}),
      undefined,
    ],
    ['a stop of the server', ({ world }) => world.home.close(), undefined],
  ];
  test.each(endings)('%s destroys the seat and its secret', async (_, end, removed) => {
    const stage = await call({ seatSeconds: 1000, expiryPolicy: 'remove' });
    const { world, bob } = stage;
    bob.seat.dropped('lost');
    await end(stage);
    await settled();
    const seats = () =>
      world.home.rooms
        .existing()
        .flatMap(({ roster }) => [...roster].map(({ identity }) => identity.memberId));
    expect(seats()).not.toContain(bob.result.memberId);
    const resuming = world.resume(bob);
    await expect(resuming).rejects.toMatchObject(
      world.home.admits ? refused(removed) : { code: 'serverStopping' },
    );
    expect(seats()).not.toContain(bob.result.memberId);
  });

  test.each(endings.slice(0, 6))(
    'after %s it does not help to guess: only who had a secret is told why',
    async (_, end) => {
      const stage = await call();
      stage.bob.seat.dropped('lost');
      await end(stage);
      await expect(stage.world.resume(stage.bob, { secret: '1.guess' })).rejects.toMatchObject({
        data: { removed: undefined },
      });
      stage.world.clock.advance(30_000);
      await expect(stage.world.resume(stage.bob)).rejects.toMatchObject({ data: { removed: undefined } });
    },
  );
});

describe('a resume holds the member against what is true now', () => {
  test('whose key has expired while a clock was set has lapsed bits', async () => {
    const { world, bob } = await call({ expiryPolicy: 'demote', seatSeconds: 1000 });
    bob.seat.dropped('lost');
    world.clock.set(world.clock.now() + 3_600_000);
    const { result } = await world.resume(bob);
    expect(result.explanation.operands.lapsed).toMatchObject({ cause: 'keyExpired' });
    expect(result).toMatchObject({ tracks: [], closed: [{}, {}] });
  });

  test('whose application is gone is refused', async () => {
    const { world, bob } = await call();
    bob.seat.dropped('lost');
    world.application = { ...world.application, sdkAppId: 7 };
    const resuming = world.resume(bob, { sdkAppId: 1_400_000_001 });
    await expect(resuming).rejects.toMatchObject({ code: 'applicationUnknown' });
  });

  test('a member banned during its resume is out, and told why', async () => {
    const { world, bob, at } = await call();
    bob.seat.dropped('lost');
    const banning = world.operator.ban({ ...at, userId: 'bob' });
    const resuming = world.resume(bob).then(
      ({ link }) => link.told('removed'),
      (error: { data: unknown }) => error.data,
    );
    await banning;
    await settled();
    expect(JSON.stringify(await resuming)).toContain('banned');
    expect(world.home.counts().members).toBe(1);
  });

  test('is warned again of a key that expires soon, and asked again for one that is missing', async () => {
    const { world, bob } = await call({ seatSeconds: 1000 });
    bob.seat.dropped('lost');
    world.clock.advance(280_000);
    const back = await world.resume(bob);
    expect(back.link.told('keyWillExpire')).toHaveLength(1);

    const other = new RoomWorldUnderTest({ permissionControl: 'off' });
    const eve = await other.enter('eve', { bits: null });
    eve.seat.dropped('lost');
    other.application = { ...other.application, permissionControl: 'enforce' };
    other.home.applicationChanged(other.application);
    other.clock.advance(20_000);
    const again = await other.resume(eve);
    expect(again.link.told('keyRequired')).toEqual([{ seconds: 40, cause: 'privateMapKeyMissing' }]);
  });

  test('nothing is changed for who is as before', async () => {
    for (const permissionControl of ['off', 'observe', 'enforce'] as const) {
      const { world, bob } = await call({ permissionControl });
      world.clock.advance(1000);
      const { result } = await world.resume(bob);
      expect(result.explanation).toEqual(bob.result.explanation);
    }
  });

  test('the answer waits until the media engine has closed what had to close', async () => {
    const { world, bob } = await call({ expiryPolicy: 'demote', seatSeconds: 1000 });
    bob.seat.dropped('lost');
    world.clock.set(world.clock.now() + 3_600_000);
    const release = world.plane.hold();
    let answered = false;
    const resuming = world.resume(bob).then(() => {
      answered = true;
    });
    await settled();
    expect(answered).toBe(false);
    await release();
    await resuming;
  });
});
