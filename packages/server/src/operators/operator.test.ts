import { RoomWorldUnderTest, type TestMember } from '@roomkey/testkit';
import { Permission, slots } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import { StoreError } from '../ports/index.ts';

const { sendAudio, recvAudio, sendVideo, recvVideo, sendSub, enterRoom, createRoom } = Permission;

const received = (member: TestMember) => {
  const closed = new Set(member.link.told('consumerClosed').map(({ consumerId }) => consumerId));
  const opened = member.link.told('consumerOpened').filter(({ consumerId }) => !closed.has(consumerId));
  return opened.map(({ slot }) => slot);
};

/** `ana` and `bob` in room 1 send and receive everything. */
async function call(settings: ConstructorParameters<typeof RoomWorldUnderTest>[0] = {}) {
  const world = new RoomWorldUnderTest(settings);
  const ana = await world.enter('ana');
  const bob = await world.enter('bob');
  for (const member of [ana, bob]) {
    await member.open('recv');
    for (const slot of slots) await member.publish(slot);
  }
  await world.settle();
  return { world, ana, bob };
}

const at = (world: RoomWorldUnderTest, room: { roomId: number } | { strRoomId: string } = { roomId: 1 }) => ({
  sdkAppId: world.application.sdkAppId,
  room,
  actor: { type: 'operator', id: 'olga' } as const,
});

/** Takes bits from `bob` in room 1, or those of `more`. */
const deny = (world: RoomWorldUnderTest, mask: number, more: Partial<Parameters<typeof setDenied>[1]> = {}) =>
  setDenied(world, { users: { only: ['bob'] }, mask, value: mask, ...more });

const setDenied = (
  world: RoomWorldUnderTest,
  asked: Omit<Parameters<RoomWorldUnderTest['operator']['setDenied']>[0], 'sdkAppId' | 'room' | 'actor'> & {
    room?: { roomId: number } | { strRoomId: string };
  },
) => world.operator.setDenied({ ...at(world), ...asked });

const effectiveOf = (member: TestMember): number =>
  member.link.told('permissionChanged').at(-1)?.after ?? member.result.explanation.effective;

describe('what is taken from members', () => {
  test('goes at the media in both directions before it is answered, and is explained', async () => {
    const { world, ana, bob } = await call();
    await deny(world, sendVideo + recvAudio, { cause: 'too loud' });
    expect(received(bob)).toEqual(['camera', 'screen']);
    expect(bob.link.told('trackClosed').map(({ slot, cause }) => [slot, cause])).toEqual([
      ['camera', 'sendVideoDenied'],
    ]);
    expect(received(ana)).toEqual(['microphone', 'screen', 'screenAudio']);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
    const [changed] = bob.link.told('permissionChanged');
    const since = world.clock.now();
    const why = {
      operand: 'denied',
      actor: { type: 'operator', id: 'olga' } as const,
      cause: 'too loud',
      since,
    };
    expect(changed).toMatchObject({ before: 255, after: 255 - sendVideo - recvAudio });
    expect(changed?.explanation.cleared).toEqual([
      { permission: 'recvAudio', ...why },
      { permission: 'sendVideo', ...why },
    ]);
    await expect(bob.publish('camera')).rejects.toMatchObject({ code: 'sendVideoDenied' });
    expect(ana.link.told('permissionChanged')).toEqual([]);
  });

  test('is told also when something else keeps it away already, and when it alone does not any more', async () => {
    const world = new RoomWorldUnderTest();
    const eve = await world.enter('eve', { scene: 'live', role: 'audience' });
    const reasons = () =>
      eve.link
        .told('permissionChanged')
        .at(-1)
        ?.explanation.cleared.filter(({ permission }) => permission === 'sendAudio')
        .map(({ operand }) => operand);
    await deny(world, sendAudio, { users: { only: ['eve'] } });
    expect(reasons()).toEqual(['role', 'denied']);
    expect(eve.link.told('permissionChanged')).toMatchObject([{ before: 171, after: 171 }]);
    await deny(world, sendAudio, { users: { only: ['eve'] }, value: 0 });
    expect(reasons()).toEqual(['role']);
    // Nothing has changed: nothing is told.
    await eve.seat.changeAuthority({ authBits: 8 + 32 + 128 });
    expect(eve.link.told('permissionChanged')).toHaveLength(3);
    await eve.seat.switchRole({ role: 'audience' });
    expect(eve.link.told('permissionChanged')).toHaveLength(3);
  });

  test('is answered only when the media engine has done it, and is in force before', async () => {
    const { world, bob } = await call();
    const release = world.plane.hold();
    let answered = false;
    const answer = deny(world, recvAudio).then(() => {
      answered = true;
    });
    await world.settle();
    expect([received(bob), answered]).toEqual([['camera', 'screen'], false]);
    await release();
    await answer;
  });

  test('comes back as far as the ticket reaches: what is received by itself, what is sent never', async () => {
    const { world } = await call();
    const eve = await world.enter('eve', { bits: 255 - sendSub });
    await eve.open('recv');
    await eve.publish('microphone');
    await deny(world, 255, { users: { only: ['eve'] } });
    expect([effectiveOf(eve), received(eve)]).toEqual([0, []]);
    await deny(world, 255, { users: { only: ['eve'] }, value: 0 });
    await world.settle();
    expect(effectiveOf(eve)).toBe(255 - sendSub);
    expect(received(eve).sort()).toEqual([...slots, ...slots].sort());
    expect(world.plane.tracks.size).toBe(8);
  });

  test('is changed bit by bit: only those of the mask, and who took the rest is kept', async () => {
    const { world, bob } = await call();
    await deny(world, sendAudio + sendVideo, { cause: 'first' });
    world.clock.advance(1000);
    const [denial] = await deny(world, sendAudio, { value: 0, cause: 'second' });
    expect(denial).toMatchObject({
      mask: sendVideo,
      cause: 'first',
      since: world.clock.now() - 1000,
      version: 2,
    });
    expect(effectiveOf(bob)).toBe(255 - sendVideo);
  });

  test.each([
    ['everybody inside', 'all', ['ana', 'bob', 'eve']],
    ['everybody inside but some', { except: ['ana', 'nobody'] }, ['bob', 'eve']],
    ['some, each once', { only: ['eve', 'ana', 'eve'] }, ['ana', 'eve']],
  ] as const)('can be that of %s', async (_title, users, concerned) => {
    const { world, ana, bob } = await call();
    const eve = await world.enter('eve');
    const changed = await deny(world, sendAudio, { users });
    expect(changed.map(({ userId }) => userId).sort()).toEqual(concerned);
    const members = [ana, bob, eve];
    const muted = members.filter((member) => effectiveOf(member) === 255 - sendAudio);
    expect(muted.map(({ userId }) => userId)).toEqual(concerned);
    expect(eve.link.told('permissionChanged').length).toBe(concerned.some((name) => name === 'eve') ? 1 : 0);
  });

  test('has a version per user: another one is refused with the current one, and nobody is changed', async () => {
    const { world, ana } = await call();
    await deny(world, sendAudio, { expectedVersion: 0 });
    await deny(world, sendVideo, { expectedVersion: 1 });
    await expect(
      deny(world, 255, { users: { only: ['ana', 'bob'] }, expectedVersion: 0 }),
    ).rejects.toMatchObject({
      code: 'versionConflict',
      data: { version: 2, userId: 'bob' },
    });
    expect(effectiveOf(ana)).toBe(255);
    expect(world.store.read().denials).toHaveLength(1);
    // Two at the same time: one wins.
    const both = await Promise.allSettled([1, 2].map(() => deny(world, recvVideo, { expectedVersion: 2 })));
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('has a version that never falls: one that was seen fits no later denial, also when that one was deleted', async () => {
    const { world } = await call();
    const [first] = await deny(world, sendAudio, { seconds: 1 });
    for (const ms of [2000, 86_400_000]) {
      world.clock.advance(ms);
      await world.settle();
    }
    expect(world.store.read().denials).toEqual([]);
    const version = async () =>
      (await world.lists.room({ sdkAppId: world.application.sdkAppId, room: { roomId: 1 }, limit: 10 }))
        .members[0]?.version;
    expect([first?.version, await version()]).toEqual([1, 1]);
    const [second] = await deny(world, sendVideo, { expectedVersion: 1 });
    expect(second).toMatchObject({ version: 2 });
    for (const expectedVersion of [0, 1])
      await expect(deny(world, sendVideo, { value: 0, expectedVersion })).rejects.toMatchObject({
        code: 'versionConflict',
        data: { version: 2, userId: 'bob' },
      });
  });

  test('a change that changes nothing is none', async () => {
    const { world, bob } = await call();
    expect(await deny(world, 255, { value: 0 })).toEqual([]);
    await deny(world, sendAudio);
    expect(await deny(world, sendAudio)).toEqual([]);
    expect(await deny(world, sendVideo, { value: 0 })).toEqual([]);
    expect(bob.link.told('permissionChanged')).toHaveLength(1);
  });

  test('can be taken ahead from who is not inside, holds in every mode of control, and in this room alone', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    await deny(world, sendAudio);
    const here = await world.enter('bob');
    const there = await world.enter('bob', { strRoomId: '1' });
    expect([effectiveOf(here), effectiveOf(there)]).toEqual([255 - sendAudio, 255]);
    world.application = { ...world.application, permissionControl: 'enforce' };
    world.home.applicationChanged(world.application);
    await world.settle();
    expect(effectiveOf(here)).toBe(255 - sendAudio);
  });

  test('the bits of entry count at the next entry', async () => {
    const { world, bob } = await call();
    await deny(world, enterRoom);
    expect(bob.link.ended).toBe(false);
    await expect(world.enter('bob')).rejects.toMatchObject({
      code: 'enterRoomDenied',
      message: expect.stringContaining('operator'),
    });
    await deny(world, createRoom, { room: { roomId: 2 } });
    await expect(world.enter('bob', { roomId: 2 })).rejects.toMatchObject({ code: 'createRoomDenied' });
    await world.enter('ana', { roomId: 2 });
    await world.enter('bob', { roomId: 2 });
  });

  test('survives re-entry, replacement, a new key, an emptied room and a restart of the server', async () => {
    const { world, ana, bob } = await call();
    await deny(world, sendAudio);
    const replaced = await world.enter('bob');
    expect(bob.link.told('removed')).toMatchObject([{ reason: 'replaced' }]);
    expect(effectiveOf(replaced)).toBe(255 - sendAudio);
    const privateMapKey = world.issuer.genPrivateMapKey('bob', 300, 1, 255);
    const { explanation } = await replaced.seat.updatePrivateMapKey({ privateMapKey });
    expect(explanation.effective).toBe(255 - sendAudio);
    await replaced.seat.exit({});
    await ana.seat.exit({});
    expect(world.home.counts().rooms).toBe(0);
    const again = await world.enter('bob');
    expect(effectiveOf(again)).toBe(255 - sendAudio);
    const restarted = new RoomWorldUnderTest({}, world.store);
    const after = await restarted.enter('bob');
    expect(after.result.explanation.cleared).toMatchObject([
      { permission: 'sendAudio', actor: { type: 'operator', id: 'olga' } as const },
    ]);
    restarted.clock.advance(86_400_000);
    await restarted.settle();
    expect(effectiveOf(after)).toBe(255);
  });

  test('survives the death of a media worker', async () => {
    const { world, ana, bob } = await call();
    await deny(world, sendVideo + recvAudio);
    world.plane.losePlace();
    for (const member of [ana, bob]) {
      await member.open('recv');
      await member.open('send');
      await member.publish('microphone');
    }
    await expect(bob.publish('camera')).rejects.toMatchObject({ code: 'sendVideoDenied' });
    await world.settle();
    expect(received(bob)).not.toContain('microphone');
    expect(received(ana)).toContain('microphone');
  });

  test('ends by itself after its time, a day unless it is said, and never sooner than it was said', async () => {
    const { world, bob } = await call();
    await deny(world, sendAudio, { seconds: 100 });
    await deny(world, recvVideo, { seconds: 10 });
    world.clock.advance(99_000);
    await world.settle();
    expect(effectiveOf(bob)).toBe(255 - sendAudio - recvVideo);
    world.clock.advance(1000);
    await world.settle();
    expect(effectiveOf(bob)).toBe(255);
    expect(received(bob).sort()).toEqual([...slots].sort());
    const [denial] = await deny(world, sendAudio);
    expect(denial).toMatchObject({ version: 3, expiresAt: world.clock.now() + 86_400_000 });
    world.operator.close();
  });

  test('a store that refuses changes nothing', async () => {
    const { world, bob } = await call();
    world.store.failWith(new StoreError('full', 'disk full'));
    await expect(deny(world, sendAudio)).rejects.toMatchObject({ code: 'internal' });
    expect([effectiveOf(bob), world.lists.denials({ ...at(world), limit: 10 }).denials]).toEqual([255, []]);
    world.store.failWith();
    await deny(world, sendAudio);
  });

  test.each([
    ['a byte of nothing', { mask: 0, value: 0 }, 'settingInvalid'],
    ['a ninth bit', { mask: 256, value: 0 }, 'settingInvalid'],
    ['half a bit', { mask: 4, value: 0.5 }, 'settingInvalid'],
    ['no time', { mask: 4, value: 4, seconds: 0 }, 'settingInvalid'],
    ['a cause with a line break', { mask: 4, value: 4, cause: 'a\nb' }, 'settingInvalid'],
    ['no user id', { mask: 4, value: 4, users: { only: ['b b'] } }, 'userIdIllegal'],
    ['no room id', { mask: 4, value: 4, room: { roomId: 0 } }, 'roomIdIllegal'],
    [
      'all of a room that is not there',
      { mask: 4, value: 4, users: 'all', room: { roomId: 9 } },
      'roomUnknown',
    ],
  ] as const)('%s is refused', async (_title, asked, code) => {
    const world = new RoomWorldUnderTest();
    const request = { users: { only: ['bob'] }, ...asked };
    await expect(setDenied(world, request)).rejects.toMatchObject({ code });
    expect(world.store.read().denials).toEqual([]);
  });

  test('an application that is not there has no members', async () => {
    const { operator } = new RoomWorldUnderTest();
    const where = { sdkAppId: 5, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
    const asked = { ...where, users: 'all', mask: 4, value: 4 } as const;
    await expect(operator.setDenied(asked)).rejects.toMatchObject({ code: 'applicationUnknown' });
  });
});

describe('kick', () => {
  test('puts members out who may come back, and is answered when their media is gone', async () => {
    const { world, ana, bob } = await call();
    const release = world.plane.hold();
    const answer = world.operator.kick({ ...at(world), userIds: ['bob', 'nobody', 'bob'] });
    await world.settle();
    expect(bob.link.told('removed')).toEqual([{ reason: 'kicked' }]);
    expect(bob.link.ended).toBe(true);
    expect(ana.link.told('memberLeft')).toMatchObject([{ userId: 'bob', reason: 'removed' }]);
    expect(
      [...world.plane.tracks.values()].every(({ transportId }) => transportId === ana.transports.send),
    ).toBe(true);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
    await release();
    expect(await answer).toEqual(['bob']);
    await expect(bob.seat.exit({})).rejects.toMatchObject({ code: 'notEntered' });
    await world.enter('bob');
  });

  test('of somebody who is not there, or where no room is, says so', async () => {
    const { world } = await call();
    const userIds = ['eve'];
    await expect(world.operator.kick({ ...at(world), userIds })).rejects.toMatchObject({
      code: 'memberUnknown',
    });
    const elsewhere = at(world, { strRoomId: '1' });
    await expect(world.operator.kick({ ...elsewhere, userIds })).rejects.toMatchObject({
      code: 'roomUnknown',
    });
  });
});

describe('ban', () => {
  const ban = (world: RoomWorldUnderTest, more: object = {}) =>
    world.operator.ban({ ...at(world), userId: 'bob', ...more });

  test('puts the user out and lets it in no more until the time is over, in this room', async () => {
    const { world, bob } = await call();
    await ban(world, { seconds: 60 });
    expect(bob.link.told('removed')).toEqual([{ reason: 'banned', cause: 'banned' }]);
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'banned' });
    await world.enter('bob', { strRoomId: '1' });
    await expect(new RoomWorldUnderTest({}, world.store).enter('bob')).rejects.toMatchObject({
      code: 'banned',
    });
    world.clock.advance(60_000);
    await world.settle();
    await world.enter('bob');
  });

  test('of the application holds in all of its rooms and beside that of a room', async () => {
    const { world, ana, bob } = await call();
    const other = await world.enter('bob', { roomId: 2 });
    await ban(world, { room: undefined });
    for (const { link } of [bob, other]) expect(link.told('removed')).toMatchObject([{ reason: 'banned' }]);
    expect(ana.link.ended).toBe(false);
    await ban(world);
    await world.operator.unban({ ...at(world), room: undefined, userId: 'bob' });
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'banned' });
    await world.enter('bob', { roomId: 2 });
    await world.operator.unban({ ...at(world), userId: 'bob' });
    await world.enter('bob');
    await expect(world.operator.unban({ ...at(world), userId: 'bob' })).rejects.toMatchObject({
      code: 'banUnknown',
    });
  });

  test.each(['off', 'observe', 'enforce'] as const)(
    'holds where control is %s',
    async (permissionControl) => {
      const world = new RoomWorldUnderTest({ permissionControl });
      await ban(world);
      await expect(world.enter('bob')).rejects.toMatchObject({ code: 'banned' });
    },
  );

  test('is told to who has good tickets, before the bits are looked at', async () => {
    const world = new RoomWorldUnderTest();
    await ban(world);
    await expect(world.enter('bob', { userSig: 'x' })).rejects.toMatchObject({ code: 'userSigMalformed' });
    await expect(world.enter('bob', { privateMapKey: 'x' })).rejects.toMatchObject({
      code: 'privateMapKeyMalformed',
    });
    await expect(world.enter('bob', { bits: 0 })).rejects.toMatchObject({ code: 'banned' });
  });
});

describe('the dismissal of a room', () => {
  test('sends everybody out, ends the room, and what was denied there stays', async () => {
    const { world, ana, bob } = await call({ lingerSeconds: 60 });
    await deny(world, sendAudio);
    expect(await world.operator.dismissRoom(at(world))).toEqual(['ana', 'bob']);
    for (const { link } of [ana, bob]) {
      expect(link.told('removed')).toEqual([{ reason: 'dismissed' }]);
      expect(link.told('memberLeft')).toEqual([]);
    }
    expect([world.plane.transports.size, world.home.counts().rooms]).toEqual([0, 0]);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
    await expect(world.enter('ana', { bits: 255 - createRoom })).rejects.toMatchObject({
      code: 'createRoomDenied',
    });
    expect(effectiveOf(await world.enter('bob'))).toBe(255 - sendAudio);
  });

  test('of one that is not there says so', async () => {
    const world = new RoomWorldUnderTest();
    await expect(world.operator.dismissRoom(at(world))).rejects.toMatchObject({ code: 'roomUnknown' });
  });
});

describe('revocation', () => {
  const second = (world: RoomWorldUnderTest) => Math.floor(world.clock.now() / 1000);
  const revoke = (
    world: RoomWorldUnderTest,
    tickets: Parameters<RoomWorldUnderTest['operator']['revoke']>[0]['tickets'],
    before?: number,
  ) =>
    world.operator.revoke({
      sdkAppId: world.application.sdkAppId,
      actor: { type: 'operator', id: 'olga' } as const,
      tickets,
      before,
    });

  test('of a user voids both tickets signed up to the second, inside and at entry, for good', async () => {
    const { world, ana, bob } = await call();
    const old = world.request('bob');
    await revoke(world, { userId: 'bob' });
    expect(bob.link.told('removed')).toEqual([{ reason: 'revoked', cause: 'userSigRevoked' }]);
    expect(world.plane.calls.at(-1)).toMatch(/^confirmClosed /);
    expect(ana.link.ended).toBe(false);
    const { userSig, privateMapKey } = old;
    await expect(world.enter('bob', old)).rejects.toMatchObject({ code: 'userSigRevoked' });
    world.clock.advance(1000);
    await expect(world.enter('bob', { userSig })).rejects.toMatchObject({ code: 'userSigRevoked' });
    await expect(world.enter('bob', { ...(privateMapKey && { privateMapKey }) })).rejects.toMatchObject({
      code: 'privateMapKeyRevoked',
    });
    await world.enter('bob');
    const restarted = new RoomWorldUnderTest({}, world.store);
    await expect(restarted.enter('bob', old)).rejects.toMatchObject({ code: 'userSigRevoked' });
  });

  test('of a room concerns its PrivateMapKeys alone', async () => {
    const { world, ana } = await call();
    const old = world.request('bob');
    const there = await world.enter('bob', { strRoomId: '1' });
    await revoke(world, { room: { roomId: 1 } });
    expect(ana.link.told('removed')).toEqual([{ reason: 'revoked', cause: 'privateMapKeyRevoked' }]);
    expect(there.link.ended).toBe(false);
    await expect(world.enter('bob', old)).rejects.toMatchObject({ code: 'privateMapKeyRevoked' });
    world.clock.advance(1000);
    await world.enter('bob', { userSig: old.userSig });
  });

  test('of the application reaches everybody in every room', async () => {
    const { world, ana, bob } = await call();
    const eve = await world.enter('eve', { strRoomId: 'x' });
    await revoke(world, 'application');
    for (const { link } of [ana, bob, eve])
      expect(link.told('removed')).toMatchObject([{ reason: 'revoked' }]);
    expect(world.home.counts()).toEqual({ rooms: 0, members: 0, tracks: 0 });
  });

  test('leaves tickets that were signed later, and never reaches less far than before', async () => {
    const { world, ana } = await call();
    world.clock.advance(10_000);
    const eve = await world.enter('eve');
    await revoke(world, 'application', second(world) - 1);
    expect([ana.link.ended, eve.link.ended]).toEqual([true, false]);
    const mark = await revoke(world, 'application', 5);
    expect(mark.at).toBe(second(world) - 1);
    await expect(revoke(world, 'application', second(world) + 301)).rejects.toMatchObject({
      code: 'settingInvalid',
    });
    await expect(revoke(world, 'application', 1.5)).rejects.toMatchObject({ code: 'settingInvalid' });
  });

  test('lets a member who took a newer key stay, and a void key is no new key', async () => {
    const { world, bob } = await call();
    const old = world.issuer.genPrivateMapKey('bob', 300, 1, 255);
    world.clock.advance(2000);
    await bob.seat.updatePrivateMapKey({ privateMapKey: world.issuer.genPrivateMapKey('bob', 300, 1, 255) });
    await revoke(world, { room: { roomId: 1 } }, second(world) - 1);
    expect(bob.link.ended).toBe(false);
    for (const request of [
      bob.seat.updatePrivateMapKey({ privateMapKey: old }),
      bob.seat.switchRole({ role: 'anchor', privateMapKey: old }),
      bob.seat.changeAuthority({ authBits: 255, privateMapKey: old }),
    ])
      await expect(request).rejects.toMatchObject({ code: 'privateMapKeyRevoked' });
  });

  test('holds back tickets dated in the future until their date, for as long as such are taken', async () => {
    const world = new RoomWorldUnderTest();
    const ahead = (userId: string) => {
      const request = world.request(userId);
      world.clock.advance(-200_000);
      return request;
    };
    world.clock.advance(200_000);
    const inside = await world.enter('bob', ahead('bob'));
    await revoke(world, 'application');
    expect(inside.link.told('removed')).toEqual([{ reason: 'revoked', cause: 'userSigIssuedInFuture' }]);
    world.clock.advance(200_000);
    const request = ahead('bob');
    await expect(world.enter('bob', request)).rejects.toMatchObject({ code: 'userSigIssuedInFuture' });
    const { userSig } = world.request('bob');
    world.clock.advance(1000);
    await expect(world.enter('bob', { userSig })).rejects.toMatchObject({ code: 'userSigRevoked' });
    world.clock.advance(199_000);
    await world.enter('bob', request);
    world.clock.advance(300_000);
    await world.enter('bob', ahead('bob'));
  });

  test('counts where keys are only observed, and leaves keys alone where they are not looked at', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'observe' });
    await revoke(world, { room: { roomId: 1 } });
    await world.enter('bob');
    expect(world.refusals).toContainEqual({ cause: 'privateMapKeyRevoked', observed: true });
    world.application = { ...world.application, permissionControl: 'off' };
    await world.enter('bob', { roomId: 1 });
  });
});

describe('what an operator can look at', () => {
  test('rooms come in pages, with their members and tracks', async () => {
    const { world } = await call();
    for (const roomId of [2, 3]) await world.enter('ana', { roomId });
    const { sdkAppId } = world.application;
    const first = world.lists.rooms({ sdkAppId, limit: 2 });
    expect(first.rooms).toEqual([
      { sdkAppId, room: { roomId: 1 }, members: 2, tracks: 8 },
      { sdkAppId, room: { roomId: 2 }, members: 1, tracks: 0 },
    ]);
    const { rooms, next } = world.lists.rooms({ after: first.next, limit: 2 });
    expect([rooms.map(({ room }) => room), next]).toEqual([[{ roomId: 3 }], undefined]);
  });

  test('members come with why they may do what they may do', async () => {
    const { world, bob } = await call();
    await deny(world, sendAudio);
    const { sdkAppId } = world.application;
    const { room, members } = await world.lists.room({ sdkAppId, room: { roomId: 1 }, limit: 10 });
    expect(room).toMatchObject({ members: 2, tracks: 6 });
    expect(members.map(({ userId, version }) => [userId, version])).toEqual([
      ['ana', 0],
      ['bob', 1],
    ]);
    expect(members[1]).toMatchObject({ scene: 'rtc', role: 'anchor', slots: ['camera', 'screen'] });
    expect(members[1]?.explanation).toEqual(bob.link.told('permissionChanged').at(-1)?.explanation);
    const page = await world.lists.room({ sdkAppId, room: { roomId: 1 }, after: 'ana', limit: 1 });
    expect(page.members.map(({ userId }) => userId)).toEqual(['bob']);
    await expect(world.lists.room({ sdkAppId, room: { roomId: 9 }, limit: 1 })).rejects.toThrow(
      /does not exist now/,
    );
  });

  test('denials, bans and revocations come with by whom, why and how long', async () => {
    const world = new RoomWorldUnderTest();
    const { sdkAppId } = world.application;
    const by = {
      actor: { type: 'operator', id: 'olga' } as const,
      cause: 'operator',
      since: world.clock.now(),
    };
    await deny(world, sendAudio, { users: { only: ['bob', 'ana'] } });
    await deny(world, sendAudio, { users: { only: ['eve'] } });
    await deny(world, sendAudio, { users: { only: ['eve'] }, value: 0 });
    await world.operator.ban({ ...at(world), room: undefined, userId: 'bob', seconds: 1 });
    await world.operator.revoke({
      sdkAppId,
      actor: { type: 'operator', id: 'olga' } as const,
      tickets: { room: { strRoomId: 'u:x' } },
      before: 7,
    });
    const first = world.lists.denials({ sdkAppId, limit: 1 });
    const second = world.lists.denials({ sdkAppId, after: first.next, limit: 1 });
    const denial = { room: { roomId: 1 }, mask: sendAudio, version: 1, expiresAt: by.since + 86_400_000 };
    expect([...first.denials, ...second.denials]).toEqual([
      { ...denial, ...by, userId: 'ana' },
      { ...denial, ...by, userId: 'bob' },
    ]);
    expect(second.next).toBeUndefined();
    expect(world.lists.bans({ sdkAppId, limit: 9 })).toEqual({
      bans: [{ userId: 'bob', until: by.since + 1000, ...by }],
    });
    expect(world.lists.revocations({ sdkAppId, limit: 9 })).toEqual({
      revocations: [{ tickets: { room: { strRoomId: 'u:x' } }, before: 7, ...by }],
    });
    expect(() => world.lists.bans({ sdkAppId: 5, limit: 9 })).toThrow(/no application/);
  });
});

describe('what operators do is on record or not done', () => {
  const isAnswered = async (world: RoomWorldUnderTest, answer: Promise<unknown>): Promise<boolean> => {
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    await world.settle();
    return answered;
  };

  test('each record is saved in one step with its change, and known by an id', async () => {
    const { world } = await call();
    await deny(world, sendVideo);
    await deny(world, sendVideo, { value: 0 });
    await world.operator.ban({ ...at(world), userId: 'zoe', seconds: 1 });
    await world.operator.ban({ ...at(world), userId: 'eve' });
    await world.operator.unban({ ...at(world), userId: 'eve' });
    await world.operator.revoke({ ...at(world), tickets: { userId: 'zoe' } });
    for (const ms of [2000, 86_400_000]) {
      world.clock.advance(ms);
      await world.settle();
    }
    const kinds = ['denied', 'denied', 'banned', 'banned', 'unbanned', 'revoked', 'expired'];
    expect(world.store.records.map(({ kind }) => kind)).toEqual(kinds);
    const inJournal = world.journal.records.filter(({ id }) => id !== undefined);
    expect(inJournal).toEqual(world.store.records);
    expect(new Set(inJournal.map(({ id }) => id)).size).toBe(kinds.length);
  });

  test('what gives is answered when its record is kept, what takes at once', async () => {
    const { world } = await call();
    for (const userId of ['zoe', 'eve']) await world.operator.ban({ ...at(world), userId });
    await deny(world, sendVideo, { users: { only: ['nobody'] } });
    const keep = world.journal.hold();
    const takes = [
      () => deny(world, sendVideo),
      () => world.operator.ban({ ...at(world), userId: 'dan' }),
      () => world.operator.ban({ ...at(world), userId: 'zoe', seconds: 100_000 }),
      () => world.operator.revoke({ ...at(world), tickets: 'application' }),
    ];
    for (const take of takes) expect(await isAnswered(world, take())).toBe(true);
    const gifts = [
      deny(world, sendVideo, { users: { only: ['nobody'] }, value: 0 }),
      world.operator.ban({ ...at(world), userId: 'zoe', seconds: 1 }),
      world.operator.unban({ ...at(world), userId: 'eve' }),
    ];
    for (const gift of gifts) expect(await isAnswered(world, gift)).toBe(false);
    keep();
    await Promise.all(gifts);
  });

  test('what gives is refused, and nothing has changed, while its record cannot wait', async () => {
    const { world } = await call();
    await deny(world, sendVideo);
    await world.operator.ban({ ...at(world), userId: 'eve' });
    const before = [world.store.read(), world.journal.records.length];
    world.journal.full = true;
    const gifts = [
      () => deny(world, sendVideo, { value: 0 }),
      () => deny(world, sendVideo + recvAudio, { value: recvAudio }),
      () => world.operator.unban({ ...at(world), userId: 'eve' }),
    ];
    for (const gift of gifts) await expect(gift()).rejects.toMatchObject({ code: 'journalUnavailable' });
    expect([world.store.read(), world.journal.records.length]).toEqual(before);
    await deny(world, recvAudio);
    await world.operator.ban({ ...at(world), userId: 'dan' });
  });

  test('what only gives is refused while records are not kept', async () => {
    const { world } = await call();
    await world.operator.ban({ ...at(world), userId: 'eve' });
    world.journal.failWith(new StoreError('full', 'disk full'));
    await expect(world.operator.unban({ ...at(world), userId: 'eve' })).rejects.toMatchObject({
      code: 'journalUnavailable',
    });
    expect(world.store.read().bans).toHaveLength(1);
  });

  test('permissions are not given back while records are not kept, and are taken all the same', async () => {
    const { world, bob } = await call();
    await deny(world, sendVideo);
    const before = world.store.read();
    world.journal.failWith(new StoreError('full', 'disk full'));
    await expect(deny(world, sendVideo, { value: 0 })).rejects.toMatchObject({ code: 'journalUnavailable' });
    expect([world.store.read(), effectiveOf(bob)]).toEqual([before, 255 - sendVideo]);
    await deny(world, sendAudio);
    expect(effectiveOf(bob)).toBe(255 - sendVideo - sendAudio);
  });

  test('a kick is answered when its record is safe, and says when it is not', async () => {
    const { world } = await call();
    const secured: string[] = [];
    world.journal.secure = async (records) => void secured.push(...records.map(({ kind }) => kind));
    await world.operator.kick({ ...at(world), userIds: ['bob'] });
    await world.operator.dismissRoom(at(world));
    expect(secured).toEqual(['kicked', 'dismissed']);
    world.journal.secure = async () => {
      throw new StoreError('full', 'disk full');
    };
    await world.enter('bob');
    await expect(world.operator.kick({ ...at(world), userIds: ['bob'] })).rejects.toMatchObject({
      code: 'journalUnavailable',
      message: 'It is done, and the disk takes no record of it.',
    });
    expect(world.home.counts().members).toBe(0);
  });
});
