import { RoomWorldUnderTest } from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../ports/index.ts';
import { call, deny, flowsTo, keyFor, operated } from './journal.fixture.ts';

const { recvAudio, sendVideo } = Permission;
const full = new StoreError('full', 'journal.db cannot grow: the disk is full.');

/** Whether a promise has settled, and how. */
async function stateOf(world: RoomWorldUnderTest, promise: Promise<unknown>): Promise<string> {
  let state = 'waits';
  promise.then(
    () => {
      state = 'good';
    },
    (error) => {
      state = error.code;
    },
  );
  await world.settle();
  return state;
}

describe('a grant', () => {
  test('is neither answered nor opened before its record is kept', async () => {
    const { world, ana, bob } = await call();
    await deny(world, 'bob', recvAudio);
    expect(flowsTo(world, bob)).toBe(2);
    const keep = world.journal.hold();
    const answer = deny(world, 'bob', recvAudio, 0);
    expect([await stateOf(world, answer), flowsTo(world, bob)]).toEqual(['waits', 2]);
    const published = ana.seat.unpublish({ trackId: 'nothing' });
    expect(await stateOf(world, published)).toBe('trackUnknown');
    keep();
    expect([await stateOf(world, answer), flowsTo(world, bob)]).toEqual(['good', 4]);
  });

  test('to send lets no track open before its record is kept', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { bits: 255 - sendVideo });
    await ana.open('send');
    const keep = world.journal.hold();
    const change = ana.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'ana', 255) });
    const track = ana.publish('camera');
    expect([await stateOf(world, change), await stateOf(world, track)]).toEqual(['waits', 'waits']);
    expect(world.plane.tracks.size).toBe(0);
    keep();
    expect([await stateOf(world, change), await stateOf(world, track)]).toEqual(['good', 'good']);
    expect(world.plane.tracks.size).toBe(1);
  });

  test('that is taken again before its record is kept opens nothing', async () => {
    const { world, bob } = await call();
    await deny(world, 'bob', recvAudio);
    const keep = world.journal.hold();
    void deny(world, 'bob', recvAudio, 0);
    await world.settle();
    await deny(world, 'bob', recvAudio);
    const asked = world.plane.calls.length;
    keep();
    await world.settle();
    expect(world.plane.calls.slice(asked).filter((made) => made.startsWith('openConsumer'))).toEqual([]);
    expect(flowsTo(world, bob)).toBe(2);
  });

  test('to send that is taken again before its record is kept opens no track', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { bits: 255 - sendVideo });
    await ana.open('send');
    const keep = world.journal.hold();
    void ana.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'ana', 255) });
    const track = ana.publish('camera');
    await world.settle();
    await deny(world, 'ana', sendVideo);
    keep();
    expect(await stateOf(world, track)).toBe('sendVideoDenied');
    expect(world.plane.calls.filter((made) => made.startsWith('openTrack'))).toEqual([]);
  });

  test('that cannot be recorded is refused and gives nothing; asked for again, it opens when it can be recorded', async () => {
    const { world, bob } = await call();
    await deny(world, 'bob', recvAudio);
    world.journal.failWith(full);
    await expect(deny(world, 'bob', recvAudio, 0)).rejects.toMatchObject({ code: 'journalUnavailable' });
    await world.settle();
    expect(flowsTo(world, bob)).toBe(2);
    world.journal.failWith();
    await world.settle();
    expect(flowsTo(world, bob)).toBe(2);
    await deny(world, 'bob', recvAudio, 0);
    await world.settle();
    expect(flowsTo(world, bob)).toBe(4);
  });

  test('that a member asks for is refused while its record cannot wait, and nothing has changed; what takes is not', async () => {
    const { world, ana } = await call();
    const bob = await world.enter('bob', { bits: 255 - recvAudio });
    world.journal.full = true;
    const grown = bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 255) });
    await expect(grown).rejects.toMatchObject({ code: 'journalUnavailable' });
    await expect(world.enter('eve')).rejects.toMatchObject({ code: 'journalUnavailable' });
    await ana.seat.changeAuthority({ authBits: 255 - sendVideo });
    await expect(ana.seat.changeAuthority({ authBits: 255 })).rejects.toMatchObject({
      code: 'journalUnavailable',
    });
    world.journal.full = false;
    await world.settle();
    expect(world.journal.of('granted')).toEqual([]);
    expect(bob.link.told('permissionChanged')).toEqual([]);
    await bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 255) });
    expect(world.journal.of('granted')).toMatchObject([{ userId: 'bob' }]);
  });

  test.each(['an answer to a member', 'a place that becomes free', 'a switch of permission control'])(
    'by %s waits too',
    async (way) => {
      const world = new RoomWorldUnderTest({ maxSendersPerRoom: 1 });
      const ana = await world.enter('ana');
      const bob = await world.enter('bob', { bits: 255 - recvAudio });
      await ana.publish('microphone');
      await bob.open('recv');
      await bob.open('send');
      const keep = world.journal.hold();
      if (way === 'an answer to a member') {
        const change = bob.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'bob', 255) });
        expect(await stateOf(world, change)).toBe('waits');
      } else if (way === 'a place that becomes free') {
        await ana.seat.changeAuthority({ authBits: recvAudio });
        void bob.publish('camera');
      } else {
        world.application = { ...world.application, permissionControl: 'off' };
        world.home.applicationChanged(world.application);
      }
      await world.settle();
      const open = () => world.plane.consumers.size + [...world.plane.tracks.values()].length;
      const before = open();
      keep();
      await world.settle();
      expect(open()).toBe(before + 1);
    },
  );
});

describe('an entry', () => {
  test('is answered when its record is kept', async () => {
    const world = new RoomWorldUnderTest();
    const keep = world.journal.hold();
    const entry = world.enter('ana');
    expect(await stateOf(world, entry)).toBe('waits');
    keep();
    expect(await stateOf(world, entry)).toBe('good');
  });

  test('whose record cannot be kept is refused, and leaves nobody and no room behind', async () => {
    const world = new RoomWorldUnderTest();
    world.journal.hold();
    const entry = world.enter('ana');
    expect(await stateOf(world, entry)).toBe('waits');
    world.journal.failWith(full);
    expect(await stateOf(world, entry)).toBe('journalUnavailable');
    expect(world.home.counts()).toEqual({ rooms: 0, members: 0, tracks: 0 });
    expect(world.refusals).toEqual([{ cause: 'journalUnavailable', observed: false }]);
  });

  test('while the journal is known to fail is refused before anything changes', async () => {
    const { world, ana } = await call();
    world.journal.failWith(full);
    await expect(world.enter('ana')).rejects.toMatchObject({ code: 'journalUnavailable' });
    expect(ana.link.told('removed')).toEqual([]);
    expect(world.home.counts().members).toBe(2);
    world.journal.failWith();
    expect(world.journal.records).toEqual([]);
    await world.enter('ana');
  });
});

describe('what takes', () => {
  test('waits for no record: denied, kicked, banned, revoked, dismissed, given up, left', async () => {
    const { world, ana, bob } = await call();
    const eve = await world.enter('eve');
    const dan = await world.enter('dan');
    world.journal.records.length = 0;
    world.journal.failWith(full);
    await deny(world, 'bob', recvAudio);
    expect(flowsTo(world, bob)).toBe(2);
    await bob.seat.changeAuthority({ authBits: 0 });
    expect(flowsTo(world, bob)).toBe(0);
    await world.operator.kick({ ...operated(world), userIds: ['eve'] });
    await world.operator.ban({ ...operated(world), userId: 'dan' });
    await world.operator.revoke({ ...operated(world), tickets: { userId: 'bob' } });
    await ana.seat.exit({});
    for (const member of [bob, eve, dan]) expect(member.link.ended).toBe(true);
    expect([world.home.counts().members, world.journal.records]).toEqual([0, []]);
    world.journal.failWith();
    expect(world.journal.records.map(({ kind, userId }) => [kind, userId])).toEqual([
      ['denied', 'bob'],
      ['taken', 'bob'],
      ['taken', 'bob'],
      ['kicked', 'eve'],
      ['left', 'eve'],
      ['banned', 'dan'],
      ['left', 'dan'],
      ['revoked', 'bob'],
      ['left', 'bob'],
      ['left', 'ana'],
    ]);
  });

  test('does not wait for the record of what somebody else gets by it', async () => {
    const world = new RoomWorldUnderTest({ maxSendersPerRoom: 1 });
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const keep = world.journal.hold();
    expect(
      await stateOf(world, deny(world, 'ana', Permission.sendAudio + sendVideo + Permission.sendSub)),
    ).toBe('good');
    expect(bob.link.told('permissionChanged')).toMatchObject([{ after: 255 }]);
    keep();
    expect(world.journal.of('granted').map(({ userId }) => userId)).toEqual(['bob']);
    expect(ana.link.ended).toBe(false);
  });

  test('and gives in one change takes at once and gives when it is on record', async () => {
    const { world, ana, bob } = await call();
    await deny(world, 'bob', recvAudio);
    world.journal.failWith(full);
    const swap = world.operator.setDenied({
      ...operated(world),
      users: { only: ['bob'] },
      mask: recvAudio + Permission.recvVideo,
      value: Permission.recvVideo,
    });
    await expect(swap).rejects.toMatchObject({ code: 'journalUnavailable' });
    await world.settle();
    const receives = () =>
      [...world.plane.consumers.values()]
        .filter(({ transportId }) => transportId === bob.transports.recv)
        .map(({ trackId }) => world.plane.tracks.get(trackId)?.slot);
    expect(receives()).toEqual(['screen']);
    expect(flowsTo(world, ana)).toBe(4);
    world.journal.failWith();
    await world.settle();
    expect(receives().sort()).toEqual(['microphone', 'screen', 'screenAudio']);
  });
});
