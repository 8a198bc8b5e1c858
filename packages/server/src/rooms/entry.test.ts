import type { ErrorName } from '@roomkey/protocol';
import { type EntryWish, RecordingLink, RoomWorldUnderTest, unsafeTicket } from '@roomkey/testkit';
import { TicketIssuer } from '@roomkey/tickets';
import { Permission, presets } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const other = new TicketIssuer({ sdkAppId: 1_400_000_001, secretKey: 'another key', now: 1_800_000_000 });
const elsewhere = (world: RoomWorldUnderTest) =>
  new TicketIssuer({
    sdkAppId: 1_400_000_002,
    secretKey: world.application.keys[0]?.secret ?? '',
    now: 1_800_000_000,
  });
const at = (world: RoomWorldUnderTest, now: number) =>
  new TicketIssuer({ sdkAppId: 1_400_000_001, secretKey: world.application.keys[0]?.secret ?? '', now });
const NOW = 1_800_000_000;

type Case = [title: string, cause: ErrorName, wish: (world: RoomWorldUnderTest) => EntryWish];

const cases: Case[] = [
  ['an unknown application', 'applicationUnknown', () => ({ sdkAppId: 1 })],
  ['a user id with a dot', 'userIdIllegal', () => ({ userId: 'a.b' })],
  ['a user id of 33 letters', 'userIdIllegal', () => ({ userId: 'a'.repeat(33) })],
  ['room id 0', 'roomIdIllegal', () => ({ roomId: 0, bits: null })],
  ['room id 4294967295', 'roomIdIllegal', () => ({ roomId: 4_294_967_295, bits: null })],
  ['a room id that is not whole', 'roomIdIllegal', () => ({ roomId: 1.5, bits: null })],
  ['a string room id with a quote', 'strRoomIdIllegal', () => ({ strRoomId: "it's", bits: null })],
  ['an empty string room id', 'strRoomIdIllegal', () => ({ strRoomId: '', bits: null })],
  ['a string room id of 65 letters', 'strRoomIdIllegal', () => ({ strRoomId: 'r'.repeat(65), bits: null })],
  ['no UserSig', 'userSigMissing', () => ({ userSig: '' })],
  ['a UserSig that is no ticket', 'userSigMalformed', () => ({ userSig: 'eJyrVgrx' })],
  ['a UserSig of another key', 'userSigForged', () => ({ userSig: other.genUserSig('ana', 300) })],
  [
    'a UserSig of another application',
    'userSigWrongApplication',
    (w) => ({ userSig: elsewhere(w).genUserSig('ana', 300) }),
  ],
  ['a UserSig of another user', 'userSigWrongUser', (w) => ({ userSig: w.issuer.genUserSig('bob', 300) })],
  ['an expired UserSig', 'userSigExpired', (w) => ({ userSig: at(w, NOW - 301).genUserSig('ana', 300) })],
  [
    'a UserSig from the future',
    'userSigIssuedInFuture',
    (w) => ({ userSig: at(w, NOW + 301).genUserSig('ana', 300) }),
  ],
  [
    'a PrivateMapKey as UserSig',
    'userSigIsPrivateMapKey',
    (w) => ({ userSig: w.issuer.genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'a UserSig for a user id with a newline',
    'userSigUnsafe',
    () => ({ userSig: unsafeTicket(1_400_000_001) }),
  ],
  [
    'a PrivateMapKey for a user id with a newline',
    'privateMapKeyUnsafe',
    () => ({ privateMapKey: unsafeTicket(1_400_000_001, { userbuf: true }) }),
  ],
  ['no PrivateMapKey', 'privateMapKeyMissing', () => ({ bits: null })],
  ['an empty PrivateMapKey', 'privateMapKeyMissing', () => ({ privateMapKey: '' })],
  ['a PrivateMapKey that is no ticket', 'privateMapKeyMalformed', () => ({ privateMapKey: 'x' })],
  [
    'a PrivateMapKey of another key',
    'privateMapKeyForged',
    () => ({ privateMapKey: other.genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'a PrivateMapKey of another application',
    'privateMapKeyWrongApplication',
    (w) => ({ privateMapKey: elsewhere(w).genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'a PrivateMapKey of another user',
    'privateMapKeyWrongUser',
    (w) => ({ privateMapKey: w.issuer.genPrivateMapKey('bob', 300, 1, 255) }),
  ],
  [
    'a PrivateMapKey of another room',
    'privateMapKeyWrongRoom',
    (w) => ({ privateMapKey: w.issuer.genPrivateMapKey('ana', 300, 2, 255) }),
  ],
  [
    'a PrivateMapKey for room "1" in room 1',
    'privateMapKeyWrongRoom',
    (w) => ({ privateMapKey: w.issuer.genPrivateMapKeyWithStringRoomID('ana', 300, '1', 255) }),
  ],
  [
    'a PrivateMapKey for room 1 in room "1"',
    'privateMapKeyWrongRoom',
    (w) => ({ strRoomId: '1', privateMapKey: w.issuer.genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'an expired PrivateMapKey',
    'privateMapKeyExpired',
    (w) => ({ privateMapKey: at(w, NOW - 301).genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'a PrivateMapKey from the future',
    'privateMapKeyIssuedInFuture',
    (w) => ({ privateMapKey: at(w, NOW + 301).genPrivateMapKey('ana', 300, 1, 255) }),
  ],
  [
    'a UserSig as PrivateMapKey',
    'privateMapKeyIsUserSig',
    (w) => ({ privateMapKey: w.issuer.genUserSig('ana', 300) }),
  ],
  ['a key without the enter bit', 'enterRoomDenied', () => ({ bits: 255 - Permission.enterRoom })],
  ['a key without either entry bit', 'enterRoomDenied', () => ({ bits: Permission.sendAudio })],
  [
    'a new room and a key without the create bit',
    'createRoomDenied',
    () => ({ bits: 255 - Permission.createRoom }),
  ],
  ['authBits that are not whole', 'authBitsIllegal', () => ({ authBits: 1.5 })],
  ['authBits of 256', 'authBitsIllegal', () => ({ authBits: 256 })],
  ['authBits that are no number', 'authBitsIllegal', () => ({ authBits: 'all' })],
  ['authBits without a digit', 'authBitsIllegal', () => ({ authBits: '' })],
  ['authBits that are not decimal', 'authBitsIllegal', () => ({ authBits: '0xff' })],
  ['authBits beyond the key', 'authBitsBeyondHeld', () => ({ bits: 171, authBits: Permission.sendAudio })],
];

test.each(cases)('%s is refused as %s', async (_title, cause, wish) => {
  const world = new RoomWorldUnderTest();
  const request = world.request('ana', wish(world));
  await expect(world.home.enter(request, new RecordingLink())).rejects.toMatchObject({ code: cause });
  expect(world.refusals).toEqual([{ cause, observed: false }]);
  expect(world.home.counts()).toEqual({ rooms: 0, members: 0, tracks: 0 });
});

test('neither kind of room id is refused as roomIdMissing', async () => {
  const world = new RoomWorldUnderTest();
  const { roomId: _, ...request } = world.request('ana');
  await expect(world.home.enter(request, new RecordingLink())).rejects.toMatchObject({
    code: 'roomIdMissing',
  });
});

describe('checks come in their order', () => {
  test('a bad UserSig is named before a bad PrivateMapKey', async () => {
    const world = new RoomWorldUnderTest();
    await expect(world.enter('ana', { userSig: 'x', privateMapKey: 'x' })).rejects.toMatchObject({
      code: 'userSigMalformed',
    });
  });

  test('permission is checked before capacity', async () => {
    const world = new RoomWorldUnderTest({ maxMembersPerRoom: 1 });
    await world.enter('ana');
    await expect(world.enter('bob', { bits: 1 })).rejects.toMatchObject({ code: 'enterRoomDenied' });
    await expect(world.enter('bob')).rejects.toMatchObject({ code: 'roomFull' });
  });
});

test('a room admits whoever an admission names, without a request of the wire', async () => {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana');
  const { sdkAppId, userSig, privateMapKey } = world.request('cam', { bits: presets.anchor });
  const admission = {
    sdkAppId,
    room: { roomId: 1 },
    userId: 'cam',
    userSig,
    privateMapKey,
    scene: 'rtc',
    role: 'anchor',
    authBits: undefined,
    rtpCapabilities: undefined,
    autoReceive: { audio: false, video: false },
  } as const;
  const admit = (asked: Parameters<typeof world.home.admit>[0]) =>
    world.home.admit(asked, new RecordingLink());
  await expect(admit({ ...admission, privateMapKey: undefined })).rejects.toMatchObject({
    code: 'privateMapKeyMissing',
  });
  expect(await admit(admission)).toMatchObject({ result: { explanation: { effective: presets.anchor } } });
  expect(ana.link.told('memberEntered')).toMatchObject([{ member: { userId: 'cam', role: 'anchor' } }]);
});

test('the create bit is not needed where the room exists', async () => {
  const world = new RoomWorldUnderTest();
  await world.enter('ana');
  const bob = await world.enter('bob', { bits: presets.audience });
  expect(bob.result.explanation.effective).toBe(presets.audience);
});

test('each active key opens, a retired or compromised one does not', async () => {
  const world = new RoomWorldUnderTest();
  const [first] = world.application.keys;
  const request = world.request('ana');
  const second = { keyId: 'second', secret: 'the second secret', state: 'active' } as const;
  for (const [state, opens] of [
    ['active', true],
    ['retired', false],
    ['compromised', false],
  ] as const) {
    world.application = {
      ...world.application,
      keys: [second, { keyId: 'first', secret: first?.secret ?? '', state }],
    };
    const entry = world.home.enter(request, new RecordingLink());
    if (opens) await expect(entry).resolves.toBeDefined();
    else await expect(entry).rejects.toMatchObject({ code: 'userSigForged' });
  }
});

test('with control off a UserSig alone opens every room, with all bits', async () => {
  const world = new RoomWorldUnderTest({ permissionControl: 'off' });
  const ana = await world.enter('ana', { bits: null });
  expect(ana.result.explanation.effective).toBe(255);
  expect(world.refusals).toEqual([]);
});

test('observe admits with all bits and counts what it would have refused', async () => {
  const world = new RoomWorldUnderTest({ permissionControl: 'observe' });
  const ana = await world.enter('ana', { bits: null });
  const bob = await world.enter('bob', { bits: 1 });
  const eve = await world.enter('eve', { bits: presets.audience });
  expect([ana, bob, eve].map((member) => member.result.explanation.effective)).toEqual([255, 255, 255]);
  expect(world.refusals).toEqual([
    { cause: 'privateMapKeyMissing', observed: true },
    { cause: 'enterRoomDenied', observed: true },
  ]);
});

test('a room can have a control of its own', async () => {
  const world = new RoomWorldUnderTest({
    permissionControl: 'off',
    roomControls: new Map([['s:vault', 'enforce']]),
  });
  await world.enter('ana', { bits: null });
  await expect(world.enter('ana', { strRoomId: 'vault', bits: null })).rejects.toMatchObject({
    code: 'privateMapKeyMissing',
  });
});

test('authBits narrow what is held; -1 and its 64-bit spellings narrow nothing', async () => {
  const world = new RoomWorldUnderTest();
  const effective = async (authBits: number | string) =>
    (await world.enter('ana', { authBits })).result.explanation.effective;
  expect(await effective(Permission.recvAudio)).toBe(Permission.recvAudio | 3);
  expect(await effective(0)).toBe(3);
  for (const all of [-1, 2 ** 64, '18446744073709551615', '-1']) expect(await effective(all)).toBe(255);
});

test('in scene live an audience member has no send bit, whatever the key says', async () => {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana', { scene: 'live', role: 'audience' });
  expect(ana.result.explanation.effective).toBe(0xff - 84);
  expect(ana.result.explanation.cleared.map(({ permission, operand }) => `${permission}/${operand}`)).toEqual(
    ['sendAudio/role', 'sendVideo/role', 'sendSub/role'],
  );
});
