import { RoomWorldUnderTest, settled, type TestMember } from '@roomkey/testkit';
import { describe, expect, test } from 'vitest';

const refused = (removed?: object) => ({ code: 'resumeRefused', data: removed ? { removed } : {} });

/** Ana and bob, who send and receive each other's microphone and camera, and whose consumers flow. */
async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  for (const member of [ana, bob]) {
    await member.open('send');
    await member.open('recv');
    await member.publish('microphone');
    await member.publish('camera');
  }
  await world.settle();
  for (const { link, seat } of [ana, bob])
    for (const { consumerId } of link.told('consumerOpened')) await seat.consumerReady({ consumerId });
  const { sdkAppId } = world.application;
  const at = { sdkAppId, room: { roomId: 1 }, actor: 'olga' };
  return { world, ana, bob, at };
}

/** What reaches a member, by slot. */
function flowing({ plane }: RoomWorldUnderTest, { transports }: TestMember): string[] {
  return [...plane.consumers.values()]
    .filter(({ transportId, paused }) => transportId === transports.recv && !paused)
    .map(({ trackId }) => plane.tracks.get(trackId)?.slot ?? '')
    .sort();
}

describe('a member whose connection is lost', () => {
  test('keeps its seat and its media, and nobody hears of it', async () => {
    const { world, ana, bob } = await call();
    const told = ana.link.notices.length;
    bob.seat.dropped('lost');
    world.clock.advance(29_999);
    await world.settle();
    expect(ana.link.notices).toHaveLength(told);
    expect(flowing(world, bob)).toEqual(['camera', 'microphone']);
    expect(flowing(world, ana)).toEqual(['camera', 'microphone']);
    const back = await world.resume(bob);
    expect(ana.link.notices).toHaveLength(told);
    expect(world.resumes).toEqual(['bob']);
    await back.seat.exit({});
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'exit' }]);
  });

  test('leaves when its time is over, and its secret is worth nothing', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    world.clock.advance(30_000);
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'timeout' }]);
    expect(flowing(world, ana)).toEqual([]);
    await expect(world.resume(bob)).rejects.toMatchObject(refused());
  });

  test('leaves at once where no seat is kept', async () => {
    const { world, ana, bob } = await call({ seatSeconds: 0 });
    bob.seat.dropped('lost');
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'timeout' }]);
    await expect(world.resume(bob)).rejects.toMatchObject(refused());
  });

  test('has its whole time again after each resume', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    world.clock.advance(20_000);
    const back = await world.resume(bob);
    world.clock.advance(20_000);
    back.seat.dropped('lost');
    world.clock.advance(29_999);
    expect(ana.link.told('memberLeft')).toEqual([]);
    world.clock.advance(1);
    expect(ana.link.told('memberLeft')).toHaveLength(1);
  });

  test('holds its place in a full room and, where entries are not replaced, its name', async () => {
    const { world, bob } = await call({ maxMembersPerRoom: 2, duplicatePolicy: 'refuse' });
    bob.seat.dropped('lost');
    await expect(world.enter('eve')).rejects.toMatchObject({ code: 'roomFull' });
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'userAlreadyInside' });
  });

  test('is told at its resume all that it missed', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    const eve = await world.enter('eve');
    await eve.publish('screen');
    const [camera] = [
      ...(world.home.find(world.application.sdkAppId, 'n:1')?.find('ana')?.tracks.values() ?? []),
    ]
      .filter(({ slot }) => slot === 'camera')
      .map(({ trackId }) => trackId);
    await ana.seat.unpublish({ trackId: camera ?? '' });
    await world.settle();
    const { result, link } = await world.resume(bob);
    const members = result.members.map(({ userId, tracks }) => [userId, tracks.map(({ slot }) => slot)]);
    expect(members).toEqual([
      ['ana', ['microphone']],
      ['eve', ['screen']],
    ]);
    expect(result).toMatchObject({
      memberId: bob.result.memberId,
      role: 'anchor',
      explanation: { effective: 255 },
      transports: [
        { transportId: bob.transports.send, direction: 'send', connected: false },
        { transportId: bob.transports.recv, direction: 'recv', connected: false },
      ],
      tracks: [
        { slot: 'microphone', muted: false, lost: false },
        { slot: 'camera', muted: false, lost: false },
      ],
      closed: [],
      consumers: [
        { userId: 'ana', slot: 'microphone', ready: true },
        { userId: 'eve', slot: 'screen', ready: false },
      ],
    });
    expect(result.seq).toBe(world.home.find(world.application.sdkAppId, 'n:1')?.seq);
    expect(link.notices).toEqual([]);
  });

  test('goes on with its requests, and hears of what happens then', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    const back = await world.resume(bob);
    await back.publish('screen');
    await ana.publish('screen');
    await world.settle();
    expect(ana.link.told('trackAdded').at(-1)).toMatchObject({ userId: 'bob', track: { slot: 'screen' } });
    expect(back.link.told('consumerOpened')).toMatchObject([{ userId: 'ana', slot: 'screen' }]);
  });

  test('whose media worker died meanwhile learns what to bring back, with its mute state', async () => {
    const { world, ana, bob } = await call();
    const microphone = ana.link.told('trackAdded').find(({ track }) => track.slot === 'microphone')?.track;
    await bob.seat.setMuted({ trackId: microphone?.trackId ?? '', muted: true });
    bob.seat.dropped('lost');
    world.plane.losePlace();
    await world.settle();
    const back = await world.resume(bob);
    expect(back.result).toMatchObject({
      transports: [],
      consumers: [],
      tracks: [
        { trackId: microphone?.trackId, slot: 'microphone', muted: true, lost: true },
        { slot: 'camera', muted: false, lost: true },
      ],
    });
    back.transports = {};
    await back.publish('microphone', { trackId: microphone?.trackId, muted: true });
    await world.settle();
    expect(ana.link.told('trackRemoved')).toEqual([]);
  });
});

describe('secrets', () => {
  test('when the answer of a resume is lost, the old secret works again and the new one is dead', async () => {
    const { world, bob, ana } = await call();
    bob.seat.dropped('lost');
    const lost = await world.resume(bob);
    lost.seat.dropped('lost');
    const back = await world.resume(bob);
    await back.seat.confirmResume({ secret: back.secret });
    expect(ana.link.told('memberLeft')).toEqual([]);
    // Whoever shows the dead one has it from the other holder's answer.
    await expect(world.resume(lost)).rejects.toMatchObject(refused({ reason: 'contested' }));
    expect(back.link.told('removed')).toEqual([{ reason: 'contested' }]);
  });

  test('of two sockets that resume at once one has the seat; when both go on, the seat dies', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    const [one, other] = await Promise.all([world.resume(bob), world.resume(bob)]);
    expect([one.link.superseded, other.link.superseded]).toEqual([true, false]);
    await expect(one.seat.unpublish({ trackId: 'x' })).rejects.toMatchObject({ code: 'notEntered' });
    await other.seat.confirmResume({ secret: other.secret });
    expect(ana.link.told('memberLeft')).toEqual([]);
    await expect(world.resume(one)).rejects.toMatchObject(refused({ reason: 'contested' }));
    expect(other.link.told('removed')).toEqual([{ reason: 'contested' }]);
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'removed' }]);
    expect(flowing(world, ana)).toEqual([]);
    await expect(world.resume(other)).rejects.toMatchObject(refused({ reason: 'contested' }));
  });

  test('a seat dies too when the one whose socket was superseded confirms', async () => {
    const { world, ana, bob } = await call();
    const [one, other] = [await world.resume(bob), await world.resume(bob)];
    await expect(one.seat.confirmResume({ secret: one.secret })).rejects.toMatchObject(
      refused({ reason: 'contested' }),
    );
    expect(other.link.told('removed')).toEqual([{ reason: 'contested' }]);
    expect(ana.link.told('memberLeft')).toHaveLength(1);
  });

  test('a stolen secret: the thief gets in once, and the owner who comes back ends it for both', async () => {
    const { world, bob } = await call();
    const thief = await world.resume(bob);
    expect(bob.link.superseded).toBe(true);
    await thief.seat.confirmResume({ secret: thief.secret });
    await expect(world.resume(bob)).rejects.toMatchObject(refused({ reason: 'contested' }));
    expect(thief.link.ended).toBe(true);
    await expect(thief.seat.setMuted({ trackId: 'x', muted: true })).rejects.toMatchObject({
      code: 'notEntered',
    });
  });

  test('a guess, an unknown seat and another room are refused alike, and harm nobody', async () => {
    const { world, ana, bob } = await call();
    bob.seat.dropped('lost');
    for (const wish of [
      { secret: '1.guess' },
      { secret: ana.secret },
      { memberId: 'nobody' },
      { roomId: 2 },
      { sdkAppId: 99 },
    ])
      await expect(world.resume(bob, wish)).rejects.toMatchObject({
        code: 'resumeRefused',
        data: { removed: undefined },
      });
    expect(world.home.counts()).toMatchObject({ rooms: 1, members: 2 });
    await world.resume(bob);
  });

  test('a confirmation of what was never issued is refused and harms nobody', async () => {
    const { world, bob } = await call();
    await expect(bob.seat.confirmResume({ secret: '1.guess' })).rejects.toMatchObject(refused());
    await bob.seat.confirmResume({ secret: bob.secret });
    expect(world.home.counts().members).toBe(2);
  });

  test('an illegal room is refused as at an entry', async () => {
    const { world, bob } = await call();
    await expect(world.resume(bob, { roomId: 0 })).rejects.toMatchObject({ code: 'roomIdIllegal' });
  });
});

describe('a socket that the server still believes alive', () => {
  test('is superseded: it ends, without hurting the seat', async () => {
    const { world, ana, bob } = await call();
    const back = await world.resume(bob);
    expect([bob.link.superseded, bob.link.told('removed')]).toEqual([true, []]);
    bob.seat.dropped('lost');
    bob.seat.dropped('left');
    world.clock.advance(60_000);
    await world.settle();
    expect(ana.link.told('memberLeft')).toEqual([]);
    await expect(bob.seat.openTransport({ direction: 'send' })).rejects.toMatchObject({ code: 'notEntered' });
    await expect(bob.seat.exit({})).rejects.toMatchObject({ code: 'notEntered' });
    await back.publish('screen');
  });
});

describe('while a member is away', () => {
  test('a bit that is taken is gone from the media at once, and after the resume', async () => {
    const { world, ana, bob, at } = await call();
    bob.seat.dropped('lost');
    await world.operator.setDenied({ ...at, users: { only: ['bob'] }, mask: 0x18, value: 0x18 });
    expect(flowing(world, bob)).toEqual(['camera']);
    expect(flowing(world, ana)).toEqual(['microphone']);
    const { result } = await world.resume(bob);
    expect(result.explanation.effective).toBe(255 & ~0x18);
    expect(result.explanation.cleared.map(({ operand, actor }) => [operand, actor])).toEqual([
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
      world.home.existing().flatMap(({ members }) => members.map(({ identity }) => identity.memberId));
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

  test('who is banned in the very moment is out, and told why', async () => {
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
