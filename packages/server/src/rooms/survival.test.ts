import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { call, flowing } from './seats/resume.fixture.ts';

const { sendVideo, recvAudio } = Permission;
const mask = sendVideo + recvAudio;

type Stage = Awaited<ReturnType<typeof call>>;
/** The world in which bob is then, with bob in room 1 again if he may be. */
interface After {
  readonly world: RoomWorldUnderTest;
  readonly bob: TestMember;
}

/** Everything after which what an operator took is still taken. */
const events: [string, (stage: Stage) => Promise<After>][] = [
  [
    'a re-entry',
    async ({ world, bob }) => {
      await bob.seat.exit({});
      return { world, bob: await world.enter('bob') };
    },
  ],
  ['a replacement', async ({ world }) => ({ world, bob: await world.enter('bob') })],
  [
    'a resume',
    async ({ world, bob }) => {
      bob.seat.dropped('lost');
      return { world, bob: await world.resume(bob) };
    },
  ],
  [
    'the death of the worker',
    async ({ world, bob }) => {
      world.plane.losePlace();
      await world.settle();
      bob.transports = {};
      return { world, bob };
    },
  ],
  [
    'a restart of the server',
    async ({ world }) => {
      await world.home.close();
      const later = new RoomWorldUnderTest({}, world.store);
      await later.enter('ana');
      return { world: later, bob: await later.enter('bob') };
    },
  ],
  [
    'an emptied room',
    async ({ world, ana, bob }) => {
      for (const { seat } of [ana, bob]) await seat.exit({});
      expect(world.home.counts().rooms).toBe(0);
      return { world, bob: await world.enter('bob') };
    },
  ],
  [
    'the dismissal of the room',
    async ({ world, at }) => {
      await world.operator.dismissRoom(at);
      return { world, bob: await world.enter('bob') };
    },
  ],
  [
    'a new key',
    async ({ world, bob }) => {
      await bob.seat.updatePrivateMapKey({
        privateMapKey: world.issuer.genPrivateMapKey('bob', 300, 1, 255),
      });
      return { world, bob };
    },
  ],
  [
    'another permission control',
    async ({ world, bob }) => {
      world.application = { ...world.application, permissionControl: 'off' };
      await world.home.applicationChanged(world.application);
      return { world, bob };
    },
  ],
];

describe('what an operator denied is denied', () => {
  test.each(events)(
    'after %s, in permissions and media, by whom and why, until its time is over',
    async (_, happen) => {
      const stage = await call();
      await stage.world.operator.setDenied({
        ...stage.at,
        users: { only: ['bob'] },
        mask,
        value: mask,
        cause: 'too loud',
      });
      const { world, bob } = await happen(stage);
      const where = { sdkAppId: world.application.sdkAppId, room: { roomId: 1 } };
      const shown = () => world.lists.member({ ...where, userId: 'bob' }).member?.explanation;
      expect(shown()?.effective).toBe(255 - mask);
      expect(shown()?.operands.denied).toMatchObject({
        bits: mask,
        actor: { type: 'operator', id: 'olga' } as const,
        cause: 'too loud',
      });

      const ana = await world.enter('ana');
      await ana.publish('microphone');
      await ana.publish('screen');
      await bob.open('recv');
      await world.settle();
      for (const { consumerId } of bob.link.told('consumerOpened'))
        await bob.seat.consumerReady({ consumerId }).catch(() => {});
      expect(flowing(world, bob)).toEqual(['screen']);
      await bob.open('send');
      await expect(bob.publish('camera')).rejects.toMatchObject({ code: 'sendVideoDenied' });

      world.clock.advance(86_400_000);
      await world.settle();
      expect(world.store.read().denials).toHaveLength(1);
      world.clock.advance(86_400_000);
      await world.settle();
      expect(world.store.read().denials).toEqual([]);
    },
  );
});

describe('whom an operator banned stays out', () => {
  /** Bob is out: what could bring him back, or make the ban be forgotten. */
  const attempts: [string, (stage: Stage) => Promise<RoomWorldUnderTest>][] = [
    ['at a re-entry', async ({ world }) => world],
    [
      'by a resume',
      async ({ world, bob }) => {
        await expect(world.resume(bob)).rejects.toMatchObject({ code: 'resumeRefused' });
        return world;
      },
    ],
    [
      'after the death of the worker',
      async ({ world }) => {
        world.plane.losePlace();
        await world.settle();
        return world;
      },
    ],
    [
      'after a restart of the server',
      async ({ world }) => {
        await world.home.close();
        return new RoomWorldUnderTest({}, world.store);
      },
    ],
    [
      'in a room that was emptied',
      async ({ world, ana }) => {
        await ana.seat.exit({});
        return world;
      },
    ],
    [
      'in a room that was dismissed',
      async ({ world, at }) => {
        await world.operator.dismissRoom(at);
        return world;
      },
    ],
    [
      'whatever the permission control',
      async ({ world }) => {
        world.application = { ...world.application, permissionControl: 'off' };
        await world.home.applicationChanged(world.application);
        return world;
      },
    ],
  ];

  test.each(attempts)('%s, until the time is over', async (_, happen) => {
    const stage = await call();
    await stage.world.operator.ban({ ...stage.at, userId: 'bob', seconds: 3600 });
    expect(stage.bob.link.told('removed')).toEqual([{ reason: 'banned', cause: 'banned' }]);
    const world = await happen(stage);
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'banned' });
    world.clock.advance(3_599_000);
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'banned' });
    world.clock.advance(1000);
    await world.enter('bob');
  });

  test('a ban during an entry removes both the new and the old one', async () => {
    const { world, bob, at } = await call();
    const banning = world.operator.ban({ ...at, userId: 'bob' });
    const entering = world.enter('bob').then(
      ({ link }) => link.told('removed').length,
      ({ code }) => code,
    );
    await banning;
    await world.settle();
    expect(['banned', 1]).toContain(await entering);
    expect(bob.link.ended).toBe(true);
    expect(world.home.rooms.existing()[0]?.roster.find('bob')).toBeUndefined();
  });

  test('in this application alone, and of the application in all of its rooms', async () => {
    const { world, at } = await call();
    await world.operator.ban({ ...at, room: undefined, userId: 'bob' });
    for (const roomId of [1, 2])
      await expect(world.enter('bob', { roomId })).rejects.toMatchObject({ code: 'banned' });
    const sdkAppId = 1_400_000_007;
    expect(world.restrictions.isBanned({ sdkAppId, room: 'n:1', userId: 'bob' })).toBe(false);
    expect(world.restrictions.isBanned({ sdkAppId: at.sdkAppId, room: 'n:1', userId: 'bob' })).toBe(true);
  });
});
