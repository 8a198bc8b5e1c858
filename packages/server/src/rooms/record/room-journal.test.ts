import { RoomWorldUnderTest } from '@roomkey/testkit';
import { ticketFingerprint } from '@roomkey/tickets';
import { Permission, presets } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';
import type { JournalRecord } from '../../ports/index.ts';
import { call, deny, keyFor, operated } from './journal.fixture.ts';

const { sendAudio, recvAudio, sendVideo } = Permission;

/** What a record says of who, why and what. */
const gist = ({ kind, userId, actor, cause, before, after }: JournalRecord) => [
  kind,
  userId,
  actor.id === undefined ? actor.type : `${actor.type} ${actor.id}`,
  cause,
  before,
  after,
];

describe('what is recorded', () => {
  test('an entry, with the bits in force, the tickets by their fingerprints, and the stay', async () => {
    const world = new RoomWorldUnderTest();
    const request = world.request('ana', { bits: 171, scene: 'live', role: 'audience' });
    const ana = await world.enter('ana', request);
    const { userSig, privateMapKey = '' } = request;
    expect(world.journal.records).toEqual([
      {
        at: world.clock.now(),
        kind: 'entered',
        sdkAppId: world.application.sdkAppId,
        room: 'n:1',
        userId: 'ana',
        memberId: ana.result.memberId,
        actor: { type: 'user', id: 'ana' } as const,
        cause: 'privateMapKey',
        after: 171,
        operands: { held: [0, 171], role: [0, 171] },
        tickets: {
          userSig: ticketFingerprint(userSig),
          privateMapKey: ticketFingerprint(privateMapKey),
        },
        details: { scene: 'live', role: 'audience' },
      },
    ]);
  });

  test('how a member goes, and who wanted it', async () => {
    const world = new RoomWorldUnderTest();
    const members = await Promise.all(['ana', 'bob', 'eve', 'dan'].map((user) => world.enter(user)));
    const [ana, bob] = members;
    await ana?.seat.exit({});
    bob?.seat.dropped('left');
    await world.operator.kick({ ...operated(world), userIds: ['eve'] });
    await world.enter('dan');
    await world.home.close();
    expect(world.journal.of('left', 'kicked').map(gist)).toEqual([
      ['left', 'ana', 'user ana', 'exit', 255, 0],
      ['left', 'bob', 'system', 'timeout', 255, 0],
      ['kicked', 'eve', 'operator olga', 'operator', undefined, undefined],
      ['left', 'eve', 'operator', 'kicked', 255, 0],
      ['left', 'dan', 'user dan', 'replaced', 255, 0],
      ['left', 'dan', 'system', 'serverStopping', 255, 0],
    ]);
  });

  test('each change of permissions, with the operands that brought it about', async () => {
    const { world, ana } = await call();
    await ana.seat.changeAuthority({ authBits: recvAudio });
    await ana.seat.updatePrivateMapKey({ privateMapKey: keyFor(world, 'ana', 255 - sendVideo) });
    await ana.seat.changeAuthority({ authBits: -1 });
    expect(world.journal.records.map(gist)).toEqual([
      ['taken', 'ana', 'user ana', 'authBits', 255, recvAudio + 3],
      ['changed', 'ana', 'user ana', 'privateMapKey', recvAudio + 3, recvAudio + 3],
      ['granted', 'ana', 'user ana', 'default', recvAudio + 3, 255 - sendVideo],
    ]);
    expect(world.journal.records.map(({ operands }) => operands)).toEqual([
      { authority: [255, recvAudio + 3] },
      { held: [255, 255 - sendVideo] },
      { authority: [recvAudio + 3, 255] },
    ]);
    expect(world.journal.records[1]?.tickets?.privateMapKey).toMatch(/^[0-9a-f]{64}$/);
  });

  test('what an operator takes and gives back, inside or not, and the end of it', async () => {
    const { world } = await call();
    await deny(world, 'bob', sendAudio);
    await deny(world, 'bob', sendAudio, 0);
    await deny(world, 'eve', sendVideo);
    await world.operator.ban({ ...operated(world), userId: 'dan', seconds: 60 });
    await world.operator.unban({ ...operated(world), userId: 'dan' });
    await world.operator.ban({ ...operated(world), userId: 'dan', seconds: 60 });
    await world.operator.revoke({ ...operated(world), tickets: { userId: 'zoe' } });
    world.clock.advance(86_400_000);
    await world.settle();
    world.clock.advance(86_400_000);
    await world.settle();
    expect(world.journal.records.map(gist)).toEqual([
      ['denied', 'bob', 'operator olga', 'too loud', undefined, undefined],
      ['taken', 'bob', 'operator olga', 'too loud', 255, 255 - sendAudio],
      ['denied', 'bob', 'operator olga', 'too loud', undefined, undefined],
      ['granted', 'bob', 'operator olga', 'too loud', 255 - sendAudio, 255],
      ['denied', 'eve', 'operator olga', 'too loud', undefined, undefined],
      ['banned', 'dan', 'operator olga', 'operator', undefined, undefined],
      ['unbanned', 'dan', 'operator olga', 'operator', undefined, undefined],
      ['banned', 'dan', 'operator olga', 'operator', undefined, undefined],
      ['revoked', 'zoe', 'operator olga', 'operator', undefined, undefined],
      ['expired', 'ana', 'system', 'keyExpired', 255, 255],
      ['expired', 'bob', 'system', 'keyExpired', 255, 255],
      ['expired', 'eve', 'system', 'too loud', undefined, undefined],
      ['expired', 'dan', 'system', 'operator', undefined, undefined],
    ]);
    expect(world.journal.of('denied').map(({ operands }) => operands?.denied)).toEqual([
      [0, sendAudio],
      [sendAudio, 0],
      [0, sendVideo],
    ]);
  });

  test('by which operator something was given back, whoever had taken it', async () => {
    const { world } = await call();
    await deny(world, 'bob', sendAudio + sendVideo);
    const given = {
      ...operated(world),
      actor: { type: 'operator', id: 'oscar' } as const,
      users: { only: ['bob'] },
      value: 0,
    };
    await world.operator.setDenied({ ...given, mask: sendAudio, cause: 'calm again' });
    await world.operator.setDenied({ ...given, mask: sendVideo });
    expect(world.journal.of('granted').map(gist)).toEqual([
      ['granted', 'bob', 'operator oscar', 'calm again', 255 - sendAudio - sendVideo, 255 - sendVideo],
      ['granted', 'bob', 'operator oscar', 'operator', 255 - sendVideo, 255],
    ]);
  });

  test('a dismissed room, once, and each who was in it', async () => {
    const { world } = await call();
    await world.operator.dismissRoom(operated(world));
    expect(world.journal.records.map(gist)).toEqual([
      ['dismissed', undefined, 'operator olga', 'operator', undefined, undefined],
      ['left', 'ana', 'operator', 'dismissed', 255, 0],
      ['left', 'bob', 'operator', 'dismissed', 255, 0],
    ]);
  });

  test.each([
    ['keep', 'expired', 255],
    ['demote', 'expired', presets.audience + Permission.createRoom],
    ['remove', 'left', 0],
  ] as const)('the expiry of a key under the policy %s', async (expiryPolicy, kind, after) => {
    const { world } = await call({ expiryPolicy });
    world.clock.advance(301_000);
    await world.settle();
    const ana = world.journal.records.filter(({ userId }) => userId === 'ana');
    expect(ana.map(gist)).toEqual([
      [kind, 'ana', 'system', kind === 'left' ? 'privateMapKeyExpired' : 'keyExpired', 255, after],
    ]);
    expect(ana[0]?.tickets?.privateMapKey).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a seat that is taken up again', async () => {
    const { world, ana } = await call();
    ana.seat.dropped('lost');
    await world.settle();
    await world.resume(ana);
    expect(world.journal.records.map(gist)).toEqual([['resumed', 'ana', 'user ana', 'resume', 255, 255]]);
  });

  test('a place that becomes free for somebody who waited to send', async () => {
    const world = new RoomWorldUnderTest({ maxSendersPerRoom: 1 });
    const ana = await world.enter('ana');
    await world.enter('bob');
    await ana.seat.exit({});
    expect(world.journal.records.map(gist)).toEqual([
      ['entered', 'ana', 'user ana', 'privateMapKey', undefined, 255],
      ['entered', 'bob', 'user bob', 'privateMapKey', undefined, 171],
      ['left', 'ana', 'user ana', 'exit', 255, 0],
      ['granted', 'bob', 'system', 'capped:cleared', 171, 255],
    ]);
  });

  test('no ticket, key or secret, whatever happens', async () => {
    const world = new RoomWorldUnderTest();
    const request = world.request('ana');
    const ana = await world.enter('ana', request);
    const privateMapKey = keyFor(world, 'ana', 170);
    await ana.seat.updatePrivateMapKey({ privateMapKey });
    const forged = `${privateMapKey.slice(0, -8)}AAAAAAA_`;
    await ana.seat.updatePrivateMapKey({ privateMapKey: forged }).catch(() => {});
    await world.enter('bob', { privateMapKey: keyFor(world, 'eve', 255) }).catch(() => {});
    await world.resume(ana);
    await world.home.close();
    const text = JSON.stringify(world.journal.records);
    expect(world.journal.of('refused')).toHaveLength(2);
    const secrets = [request.userSig, request.privateMapKey, privateMapKey, forged, ana.secret];
    for (const secret of [...secrets, world.application.keys[0]?.secret]) expect(text).not.toContain(secret);
  });
});

describe('refusals', () => {
  test('are recorded from a valid UserSig on, and not before', async () => {
    const world = new RoomWorldUnderTest();
    await world.enter('ana', { userSig: world.issuer.genUserSig('bob', 300) }).catch(() => {});
    await world.enter('ana', { userId: 'a.b' }).catch(() => {});
    expect(world.journal.records).toEqual([]);
    const privateMapKey = keyFor(world, 'ana', 255, 2);
    await world.enter('ana', { privateMapKey }).catch(() => {});
    await world.enter('ana', { bits: presets.audience }).catch(() => {});
    expect(world.journal.records.map(gist)).toEqual([
      ['refused', 'ana', 'user ana', 'privateMapKeyWrongRoom', undefined, undefined],
      ['refused', 'ana', 'user ana', 'createRoomDenied', undefined, undefined],
    ]);
    expect(world.journal.records[0]?.tickets).toEqual({
      userSig: expect.stringMatching(/^[0-9a-f]{64}$/),
      privateMapKey: ticketFingerprint(privateMapKey),
    });
  });

  test('of members are recorded where a permission or a ticket was wanting, and for no other mistake', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { bits: 255 - sendAudio });
    await ana.publish('microphone').catch(() => {});
    await ana.seat.unpublish({ trackId: 'nothing' }).catch(() => {});
    await ana.seat.updatePrivateMapKey({ privateMapKey: 'nothing' }).catch(() => {});
    expect(world.journal.of('refused').map(gist)).toEqual([
      ['refused', 'ana', 'user ana', 'sendAudioDenied', undefined, undefined],
      ['refused', 'ana', 'user ana', 'privateMapKeyMalformed', undefined, undefined],
    ]);
  });

  test('that `observe` let pass are recorded as such', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'observe' });
    await world.enter('ana', { bits: null });
    expect(world.journal.of('refused')).toMatchObject([
      { cause: 'privateMapKeyMissing', details: { observed: true } },
    ]);
  });

  test('that come again within a minute are told once more, with how often', async () => {
    const world = new RoomWorldUnderTest();
    const refused = () => world.enter('ana', { bits: 0 }).catch(() => {});
    for (let time = 0; time < 5; time++) await refused();
    await world.enter('bob', { bits: 0 }).catch(() => {});
    expect(world.journal.records.map(({ userId }) => userId)).toEqual(['ana', 'bob']);
    world.clock.advance(60_000);
    await refused();
    expect(world.journal.records.map(({ userId, details }) => [userId, details?.['again']])).toEqual([
      ['ana', undefined],
      ['bob', undefined],
      ['ana', 4],
      ['ana', undefined],
    ]);
    await refused();
    await world.home.close();
    expect(world.journal.records.at(-1)?.details).toEqual({ again: 1 });
  });

  test('in ever more rooms are told of the first ones, and of the others together', async () => {
    const world = new RoomWorldUnderTest();
    const ask = async (from: number, to: number) => {
      for (let roomId = from; roomId < to; roomId++)
        await world.enter('ana', { roomId, bits: null }).catch(() => {});
    };
    await ask(1, 201);
    await world.enter('bob', { bits: null }).catch(() => {});
    const rooms = world.journal.records.map(({ userId, room }) => `${userId} ${room}`);
    expect(rooms).toEqual([
      ...Array.from({ length: 10 }, (_, n) => `ana n:${n + 1}`),
      'ana undefined',
      'bob n:1',
    ]);
    world.clock.advance(60_000);
    await ask(11, 12);
    expect(world.journal.records.slice(12)).toMatchObject([
      { userId: 'ana', details: { again: 189 } },
      { userId: 'ana', room: 'n:11' },
    ]);
  });
});
