import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';
import { Permission, presets, sendBits } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const full = 255 - sendBits;

const worldOf = (maxSendersPerRoom: number) => new RoomWorldUnderTest({ maxSendersPerRoom });

/** What a member may do now, as it was told. */
const effective = ({ link, result }: TestMember): number =>
  link.told('permissionChanged').at(-1)?.after ?? result.explanation.effective;

const keyFor = (world: RoomWorldUnderTest, userId: string, bits: number) => ({
  privateMapKey: world.issuer.genPrivateMapKey(userId, 300, 1, bits),
});

describe('when as many send as a room allows', () => {
  test('a further member is inside without the send bits, and is told why', async () => {
    const world = worldOf(1);
    await world.enter('ana');
    const bob = await world.enter('bob');
    expect(effective(bob)).toBe(full);
    expect(bob.result.explanation.cleared).toEqual(
      ['sendAudio', 'sendVideo', 'sendSub'].map((permission) => ({
        permission,
        operand: 'capped',
        cause: 'senderCapReached',
        actor: { type: 'system' } as const,
        since: world.clock.now(),
      })),
    );
    await expect(bob.publish('microphone')).rejects.toMatchObject({ code: 'sendAudioDenied' });
  });

  test('when a sender stops, the member that waited longest may send', async () => {
    const world = worldOf(1);
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const eve = await world.enter('eve');
    await ana.seat.exit({});
    expect([effective(bob), effective(eve)]).toEqual([255, full]);
    await bob.publish('microphone');
    await bob.seat.exit({});
    expect(effective(eve)).toBe(255);
  });

  test('somebody who may send nothing does not count, nor a sender who may send no longer', async () => {
    const world = worldOf(1);
    const watcher = await world.enter('eve', { bits: presets.audience | 1 });
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    expect([watcher, ana, bob].map(effective)).toEqual([presets.audience | 1, 255, full]);
    await ana.publish('camera');
    await ana.seat.updatePrivateMapKey(keyFor(world, 'ana', presets.audience));
    expect([ana, bob].map(effective)).toEqual([presets.audience, 255]);
    await ana.seat.updatePrivateMapKey(keyFor(world, 'ana', 255));
    expect(effective(ana)).toBe(full);
  });

  test('when an operator takes the send bits of one, another may send', async () => {
    const world = worldOf(1);
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const asked = {
      sdkAppId: world.application.sdkAppId,
      room: { roomId: 1 },
      actor: { type: 'operator', id: 'olga' } as const,
      mask: sendBits,
    };
    await world.operator.setDenied({ ...asked, users: { only: ['ana'] }, value: sendBits });
    expect([ana, bob].map(effective)).toEqual([full, 255]);
    await world.operator.setDenied({ ...asked, users: { only: ['ana'] }, value: 0 });
    expect([ana, bob].map(effective)).toEqual([full, 255]);
    await bob.seat.exit({});
    expect(effective(ana)).toBe(255);
  });

  test('in scene live a viewer becomes an anchor who waits', async () => {
    const world = worldOf(1);
    await world.enter('ana', { scene: 'live' });
    const bob = await world.enter('bob', { scene: 'live', role: 'audience' });
    const { explanation } = await bob.seat.switchRole({ role: 'anchor' });
    expect(explanation.effective).toBe(full);
    expect(explanation.operands.capped).toMatchObject({ cause: 'senderCapReached', bits: sendBits });
  });

  test('who waits and leaves, or is replaced, waits no more', async () => {
    const world = worldOf(1);
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    await bob.seat.exit({});
    const eve = await world.enter('eve');
    const again = await world.enter('eve');
    await ana.seat.exit({});
    expect(eve.link.ended).toBe(true);
    expect(effective(again)).toBe(255);
    expect(world.home.counts().members).toBe(1);
  });

  test('everything that is allowed apart from sending goes on', async () => {
    const world = worldOf(1);
    const ana = await world.enter('ana');
    await ana.publish('camera');
    const bob = await world.enter('bob');
    await bob.open('recv');
    await world.settle();
    expect(bob.link.told('consumerOpened')).toMatchObject([{ userId: 'ana', slot: 'camera' }]);
    expect(effective(bob)).toBe(255 - Permission.sendAudio - Permission.sendVideo - Permission.sendSub);
  });
});
