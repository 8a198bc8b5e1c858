import { type ErrorName, errors } from '@roomkey/protocol';
import { unsafeTicket } from '@roomkey/testkit';
import { TicketIssuer } from '@roomkey/tickets';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bare } from './harness/bare.ts';
import { Stage } from './harness/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await Stage.open();
  page = await stage.page();
});

afterAll(() => stage.close());

const now = () => Math.floor(Date.now() / 1000);
const good = () => stage.entry('ana', { roomId: 5 });
const signedAt = (time: number) => new TicketIssuer({ ...keyOf(), now: time });
const keyOf = () => stage.server.application;

/** What makes the entry of `ana` into room 5 go wrong, by the cause that it is refused with. */
const wrong: Partial<Record<ErrorName, () => Record<string, unknown>>> = {
  applicationUnknown: () => ({ sdkAppId: 1_499_999_999 }),
  userSigMalformed: () => ({ userSig: good().userSig.slice(0, 40) }),
  userSigUnsafe: () => ({ userSig: unsafeTicket(keyOf().sdkAppId) }),
  privateMapKeyUnsafe: () => ({ privateMapKey: unsafeTicket(keyOf().sdkAppId, { userbuf: true }) }),
  userSigForged: () => ({ userSig: new TicketIssuer({ ...keyOf(), secretKey: 'x' }).genUserSig('ana', 60) }),
  userSigWrongApplication: () => ({
    userSig: new TicketIssuer({ ...keyOf(), sdkAppId: 1_400_000_009 }).genUserSig('ana', 60),
  }),
  userSigWrongUser: () => ({ userSig: stage.entry('bob').userSig }),
  userSigExpired: () => ({ userSig: signedAt(now() - 100).genUserSig('ana', 60) }),
  userSigIssuedInFuture: () => ({ userSig: signedAt(now() + 1000).genUserSig('ana', 60) }),
  userSigIsPrivateMapKey: () => ({ userSig: good().privateMapKey }),
  privateMapKeyMissing: () => ({ privateMapKey: undefined }),
  privateMapKeyMalformed: () => ({ privateMapKey: `${good().privateMapKey}AAAA` }),
  privateMapKeyForged: () => ({
    privateMapKey: new TicketIssuer({ ...keyOf(), secretKey: 'x' }).genPrivateMapKey('ana', 60, 5, 255),
  }),
  privateMapKeyWrongApplication: () => ({
    privateMapKey: new TicketIssuer({ ...keyOf(), sdkAppId: 1_400_000_009 }).genPrivateMapKey(
      'ana',
      60,
      5,
      255,
    ),
  }),
  privateMapKeyWrongUser: () => ({ privateMapKey: stage.entry('bob', { roomId: 5 }).privateMapKey }),
  privateMapKeyWrongRoom: () => ({ privateMapKey: stage.entry('ana', { strRoomId: '5' }).privateMapKey }),
  privateMapKeyExpired: () => ({ privateMapKey: signedAt(now() - 100).genPrivateMapKey('ana', 60, 5, 255) }),
  privateMapKeyIssuedInFuture: () => ({
    privateMapKey: signedAt(now() + 1000).genPrivateMapKey('ana', 60, 5, 255),
  }),
  privateMapKeyIsUserSig: () => ({ privateMapKey: good().userSig }),
  enterRoomDenied: () => ({ privateMapKey: stage.entry('ana', { roomId: 5, bits: 253 }).privateMapKey }),
  createRoomDenied: () => ({ privateMapKey: stage.entry('ana', { roomId: 5, bits: 254 }).privateMapKey }),
  authBitsBeyondHeld: () => ({
    privateMapKey: stage.entry('ana', { roomId: 5, bits: 171 }).privateMapKey,
    authBits: 4,
  }),
};

const attempt = (entry: Record<string, unknown>) =>
  page.evaluate(async (options) => {
    const trtc = window.TRTC.create();
    try {
      await trtc.enterRoom(options as never);
      await trtc.exitRoom();
      return 'entered';
    } catch (error) {
      const { code, extraCode, cause, functionName } = error as never;
      return { code, extraCode, cause, functionName };
    } finally {
      trtc.destroy();
    }
  }, entry);

test.each(Object.entries(wrong))('an entry is refused as %s', async (cause, fault) => {
  const { web: code, extraCode } = errors[cause as ErrorName];
  expect(await attempt({ ...good(), ...fault() })).toEqual({
    code,
    extraCode,
    cause,
    functionName: 'enterRoom',
  });
});

test('the same entry without any fault is good', async () => {
  expect(await attempt(good())).toBe('entered');
});

describe('what the SDK would not even ask is refused by the server', () => {
  const asked: [cause: ErrorName, fault: Record<string, unknown>][] = [
    ['userIdIllegal', { userId: 'a.b' }],
    ['roomIdIllegal', { roomId: 0 }],
    ['roomIdMissing', { roomId: undefined }],
    ['strRoomIdIllegal', { roomId: undefined, strRoomId: 'a"b' }],
    ['userSigMissing', { userSig: '' }],
    ['authBitsIllegal', { authBits: 256 }],
  ];

  test.each(asked)('%s', async (cause, fault) => {
    const bare = await Bare.open(await stage.page(), stage.server.url.replace('http', 'ws'), 'ana');
    await bare.enter({ ...good(), ...fault });
    expect(bare.refused).toBe(cause);
    await bare.page.close();
  });

  test('alreadyEntered', async () => {
    const bare = await stage.bare('ana', { roomId: 6 });
    expect(await bare.ask('enter', stage.entry('ana', { roomId: 7 }))).toBe('alreadyEntered');
    await bare.page.close();
  });
});

test('a full room, too many rooms and a user who is inside already are refused where the application says so', async () => {
  const bob = await stage.bare('bob', { roomId: 8 });
  const causes: unknown[] = [];
  for (const [settings, entry] of [
    [{ maxMembersPerRoom: 1 }, stage.entry('ana', { roomId: 8 })],
    [{ maxMembersPerRoom: 100, maxRooms: 1 }, stage.entry('ana', { roomId: 9 })],
    [{ maxRooms: 100, duplicatePolicy: 'refuse' }, stage.entry('bob', { roomId: 8 })],
  ] as const) {
    await stage.server.set(settings);
    const refusal = await attempt(entry);
    causes.push(typeof refusal === 'string' ? refusal : refusal.cause);
  }
  expect(causes).toEqual(['roomFull', 'tooManyRooms', 'userAlreadyInside']);
  await bob.page.close();
});

test('somebody who enters while the server stops is told so', async () => {
  const stopping = await Stage.open();
  try {
    const bob = await stopping.bare('bob', { roomId: 1 });
    await bob.publish('microphone');
    const page = await stopping.page();
    const origin = stopping.server.url.replace('http', 'ws');
    const [eve, late] = [await Bare.open(page, origin, 'eve'), await Bare.open(page, origin, 'ana')];
    await eve.enter(stopping.entry('eve', { roomId: 2 }));
    // Its WebSocket is open before: a new one is not taken any more.
    await late.enter({ ...stopping.entry('ana'), userSig: '' });
    expect(late.refused).toBe('userSigMissing');

    // A kick is answered when the media worker has acted on it: one that stands still keeps the server from its end.
    for (const pid of await stopping.server.workerPids()) process.kill(pid, 'SIGSTOP');
    const kicked = stopping.server.kick({ roomId: 1 }, 'bob');
    const refused = late.askWhenTold(eve, 'removed', 'enter', stopping.entry('ana'));
    await expect.poll(() => bob.told('removed'), { interval: 10 }).toHaveLength(1);
    const stopped = stopping.server.stop();
    expect(await refused).toBe('serverStopping');
    expect(await eve.told('removed')).toEqual([{ reason: 'serverStopping' }]);
    await kicked;
    expect(await stopped).toBe(0);
  } finally {
    await stopping.close();
  }
});
