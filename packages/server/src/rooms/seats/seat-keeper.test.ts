import { describe, expect, test } from 'vitest';
import { call, flowing, refused } from './resume.fixture.ts';

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

  test('resumes as often as it may make changes: one resume too many changes nothing, and works later', async () => {
    // Two tracks and two resumes are a burst of four.
    const { world, ana, bob } = await call({ changesPerSecond: 1 });
    const again = await world.resume(await world.resume(bob));
    const told = ana.link.notices.length;
    await expect(world.resume(again)).rejects.toMatchObject({ code: 'tooManyChanges' });
    expect(again.link.ended).toBe(false);
    expect(world.resumes).toEqual(['bob', 'bob']);
    expect(ana.link.notices).toHaveLength(told);
    world.clock.advance(1000);
    await world.resume(again);
    expect(world.resumes).toHaveLength(3);
  });

  test('whose network breaks every second for a minute is never kept out', async () => {
    const { world, bob } = await call({ changesPerSecond: 1 });
    let back = bob;
    for (let second = 0; second < 60; second++) {
      back.seat.dropped('lost');
      world.clock.advance(1000);
      back = await world.resume(back);
    }
    expect(world.resumes).toHaveLength(60);
  });

  test('cannot be kept from resuming by somebody who does not have its secret', async () => {
    const { world, bob } = await call({ changesPerSecond: 1 });
    for (let guess = 0; guess < 20; guess++)
      await expect(world.resume(bob, { secret: `${guess}.guess` })).rejects.toMatchObject(refused());
    await world.resume(bob);
    expect(world.resumes).toEqual(['bob']);
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
      ...(world.home.rooms.find(world.application.sdkAppId, 'n:1')?.roster.find('ana')?.tracks.values() ??
        []),
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
    expect(result.seq).toBe(world.home.rooms.find(world.application.sdkAppId, 'n:1')?.roster.seq);
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
