import { type ErrorName, errors } from '@roomkey/protocol';
import { TicketIssuer } from '@roomkey/tickets';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
