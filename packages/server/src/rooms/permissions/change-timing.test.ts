import { Permission } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { call, flowing } from '../seats/resume.fixture.ts';

const { recvVideo } = Permission;

type Stage = Awaited<ReturnType<typeof call>>;

const afterMedia = (way: string) => [{ way, after: expect.stringMatching(/^confirmClosed /) }];

describe('a change of permissions is timed until the media engine has done it, when it is', () => {
  test.each<[string, string, (stage: Stage) => unknown]>([
    [
      'of an operator who takes a permission',
      'operator',
      ({ world, at }) =>
        world.operator.setDenied({ ...at, users: { only: ['bob'] }, mask: recvVideo, value: recvVideo }),
    ],
    [
      'of an operator who kicks',
      'operator',
      ({ world, at }) => world.operator.kick({ ...at, userIds: ['bob'] }),
    ],
    ['of an operator who bans', 'operator', ({ world, at }) => world.operator.ban({ ...at, userId: 'bob' })],
    ['of an operator who dismisses the room', 'operator', ({ world, at }) => world.operator.dismissRoom(at)],
    [
      'a revocation',
      'revocation',
      ({ world, at: { sdkAppId, actor } }) =>
        world.operator.revoke({ sdkAppId, actor, tickets: 'application' }),
    ],
    ['the expiry of a key', 'expiry', ({ world }) => world.clock.advance(301_000)],
    [
      'a change of the application',
      'application',
      ({ world }) => {
        const keys = world.application.keys.map((key) => ({ ...key, state: 'compromised' as const }));
        world.application = { ...world.application, keys };
        return world.home.applicationChanged(world.application);
      },
    ],
    [
      'what a resume finds changed',
      'resume',
      async ({ world, bob }) => {
        bob.seat.dropped('lost');
        world.clock.set(world.clock.now() + 3_600_000);
        await world.resume(bob);
      },
    ],
  ])('%s', async (_, way, change) => {
    const stage = await call({ expiryPolicy: 'demote', seatSeconds: 1000 });
    const { world } = stage;
    await change(stage);
    await world.settle();
    const last = world.timed.slice(-1);
    expect(last).toEqual(afterMedia(way));
  });
});

test('the end of what an operator took is timed as an expiry', async () => {
  const { world, bob, at } = await call();
  const users = { only: ['bob'] };
  await world.operator.setDenied({ ...at, users, mask: recvVideo, value: recvVideo, seconds: 60 });
  expect(flowing(world, bob)).toEqual(['microphone']);
  world.clock.advance(60_000);
  await world.settle();
  expect(world.timed.map(({ way }) => way)).toEqual(['operator', 'expiry']);
});

test('a change that is refused, and a resume that finds nothing changed, are not timed', async () => {
  const { world, bob, at } = await call();
  const users = { only: ['bob'] };
  const refused = world.operator.setDenied({ ...at, users, mask: 4, value: 4, expectedVersion: 3 });
  await expect(refused).rejects.toMatchObject({ code: 'versionConflict' });
  bob.seat.dropped('lost');
  await world.resume(bob);
  expect(world.timed).toEqual([]);
});

test('a change that closes nothing asks the media engine for no confirmation', async () => {
  const { world } = await call();
  world.plane.calls.length = 0;
  world.application = { ...world.application, permissionControl: 'off' };
  await world.home.applicationChanged(world.application);
  expect(world.plane.calls.filter((one) => one.startsWith('confirmClosed'))).toEqual([]);
});
