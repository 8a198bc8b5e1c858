import { RoomWorldUnderTest } from '@roomkey/testkit';
import { permissionsOf } from '@roomkey/tickets/permissions';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

const byte = fc.nat(255);

/** What operators and members can do to get more. */
const step = fc.oneof(
  fc.record({ what: fc.constant('deny' as const), mask: fc.integer({ min: 1, max: 255 }), value: byte }),
  fc.record({ what: fc.constant('authority' as const), bits: fc.oneof(fc.constant(-1), byte) }),
  fc.record({ what: fc.constant('role' as const), role: fc.constantFrom('anchor', 'audience') }),
  fc.record({ what: fc.constant('key' as const), bits: byte }),
  fc.record({ what: fc.constant('policy' as const), expiryPolicy: fc.constantFrom('keep', 'demote') }),
  fc.record({ what: fc.constant('resume' as const) }),
);

test('whatever operators give, members ask for and roles allow, nobody has a permission that its ticket does not hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      byte.map((bits) => bits | 2),
      fc.constantFrom('rtc' as const, 'live' as const),
      fc.array(step, { minLength: 1, maxLength: 12 }),
      async (bits, scene, steps) => {
        const world = new RoomWorldUnderTest({ staleKeyPolicy: 'refuse' });
        await world.enter('ana');
        let bob = await world.enter('bob', { bits, scene });
        const { sdkAppId } = world.application;
        let held = permissionsOf(bits);
        for (const now of steps) {
          if (now.what === 'deny') {
            const { mask, value } = now;
            const users = { only: ['bob'] };
            await world.operator.setDenied({
              sdkAppId,
              room: { roomId: 1 },
              actor: { type: 'operator', id: 'olga' } as const,
              users,
              mask,
              value,
            });
          }
          if (now.what === 'authority')
            await bob.seat.changeAuthority({ authBits: now.bits }).catch(() => {});
          if (now.what === 'role') await bob.seat.switchRole({ role: now.role });
          if (now.what === 'key') {
            const privateMapKey = world.issuer.genPrivateMapKey('bob', 300, 1, now.bits);
            await bob.seat.updatePrivateMapKey({ privateMapKey }).then(
              () => {
                held = permissionsOf(now.bits);
              },
              () => {},
            );
          }
          if (now.what === 'policy') {
            world.application = { ...world.application, expiryPolicy: now.expiryPolicy };
            await world.home.applicationChanged(world.application);
          }
          if (now.what === 'resume') bob = await world.resume(bob);
          const { explanation } =
            world.lists.member({ sdkAppId, room: { roomId: 1 }, userId: 'bob' }).member ?? {};
          const has = permissionsOf(explanation?.effective ?? 0);
          expect(has.filter((name) => !held.includes(name))).toEqual([]);
        }
        world.operator.close();
      },
    ),
    { numRuns: 300 },
  );
});
