import { expect, test } from 'vitest';
import {
  AV_ERR_FAIL,
  AV_ERR_HAS_IN_THE_STATE,
  AV_ERR_INVALID_ARGUMENT,
  AV_ERR_ROOM_NOT_EXIST,
  AV_ERR_SERVER_NO_PERMISSION,
  AV_ERR_TIMEOUT,
  AV_OK,
  AVRoomMulti,
  type EnterParam,
} from './av-room-multi.ts';
import { fakeClient, settled } from './platform/fake-platform.fixture.ts';

const viewer: EnterParam = {
  sdkAppId: 1,
  userId: 'ana',
  userSig: 'sig',
  roomId: 7,
  authBits: AVRoomMulti.VIEWER,
  authBuffer: 'viewer-key',
};

function roomWith() {
  const client = fakeClient();
  const room = new AVRoomMulti(client.trtc);
  const told: unknown[][] = [];
  const listener = {
    onEnterRoomComplete: (...args: unknown[]) => void told.push(['entered', ...args]),
    onExitRoomComplete: () => void told.push(['exited']),
    onRoomDisconnect: (...args: unknown[]) => void told.push(['disconnected', ...args]),
  };
  const codes: number[] = [];
  const reasons: (Error | undefined)[] = [];
  const callback = {
    OnChangeAuthority: (code: number, reason?: Error) => {
      codes.push(code);
      reasons.push(reason);
    },
  };
  return { ...client, room, told, listener, codes, reasons, callback };
}

async function inside(param: EnterParam = viewer) {
  const world = roomWith();
  expect(world.room.enterRoom(world.listener, param)).toBe(AV_OK);
  await settled();
  return world;
}

test('the numbers and the bits are those of ILVB', () => {
  expect([AV_OK, AV_ERR_FAIL, AV_ERR_HAS_IN_THE_STATE, AV_ERR_INVALID_ARGUMENT, AV_ERR_TIMEOUT]).toEqual([
    0, 1, 1003, 1004, 1005,
  ]);
  expect([AV_ERR_ROOM_NOT_EXIST, AV_ERR_SERVER_NO_PERMISSION]).toEqual([1201, 10003]);
  const { AUTH_BITS_JOIN_ROOM, AUTH_BITS_RECV_AUDIO, AUTH_BITS_RECV_VIDEO, AUTH_BITS_RECV_SUB } = AVRoomMulti;
  const { AUTH_BITS_CREATE_ROOM, AUTH_BITS_SEND_AUDIO, AUTH_BITS_SEND_VIDEO, AUTH_BITS_SEND_SUB } =
    AVRoomMulti;
  const receives = AUTH_BITS_RECV_AUDIO | AUTH_BITS_RECV_VIDEO | AUTH_BITS_RECV_SUB;
  const sends = AUTH_BITS_SEND_AUDIO | AUTH_BITS_SEND_VIDEO | AUTH_BITS_SEND_SUB;
  expect(AVRoomMulti.VIEWER).toBe(AUTH_BITS_JOIN_ROOM | receives);
  expect(AVRoomMulti.GUEST).toBe(AUTH_BITS_JOIN_ROOM | receives | sends);
  expect(AVRoomMulti.GUEST | AUTH_BITS_CREATE_ROOM).toBe(255);
  expect([AVRoomMulti.BROADCASTER, AVRoomMulti.AUTH_BITS_DEFUALT]).toEqual([-1, -1]);
});

test('bits without a send bit make a viewer, others a broadcaster', async () => {
  const { server, told } = await inside();
  expect(told).toEqual([['entered', AV_OK, '']]);
  expect(server.askedFor('enter')).toMatchObject([
    { scene: 'live', role: 'audience', authBits: 170, privateMapKey: 'viewer-key' },
  ]);
  const { authBits: _, authBuffer: __, ...plain } = viewer;
  const { server: other } = await inside(plain);
  expect(other.askedFor('enter')).toMatchObject([{ role: 'anchor', authBits: -1 }]);
  expect(other.askedFor('enter')[0]).not.toHaveProperty('privateMapKey');
});

test('an entry that is refused ends with the number of the refusal', async () => {
  const { room, server, listener, told } = roomWith();
  server.refuse('enter', 'privateMapKeyExpired');
  room.enterRoom(listener, viewer);
  await settled();
  expect(told).toEqual([['entered', AV_ERR_SERVER_NO_PERMISSION, expect.stringContaining('expired')]]);
  expect(room.enterRoom(listener, viewer)).toBe(AV_OK);
  await settled();
  expect(told.at(-1)).toEqual(['entered', AV_OK, '']);
});

test('an entry that cannot be right is not accepted', async () => {
  const { room, listener, told } = roomWith();
  expect(room.enterRoom(listener, { ...viewer, authBits: 256 })).toBe(AV_ERR_INVALID_ARGUMENT);
  expect(room.enterRoom(listener, { ...viewer, authBuffer: '' })).toBe(AV_ERR_INVALID_ARGUMENT);
  expect(room.enterRoom(listener, { ...viewer, userId: '' })).toBe(AV_OK);
  expect(room.enterRoom(listener, viewer)).toBe(AV_ERR_HAS_IN_THE_STATE);
  await settled();
  expect(told).toEqual([['entered', AV_ERR_INVALID_ARGUMENT, expect.any(String)]]);
});

test('a viewer joins the broadcast with a new key, as text or bytes, and quits with the old bits', async () => {
  const { room, server, codes, callback } = await inside();
  const bytes = new TextEncoder().encode('guest-key and what follows it');
  expect(room.changeAuthority(AVRoomMulti.GUEST, bytes, 9, callback)).toBe(true);
  expect(codes).toEqual([]);
  await settled();
  expect(room.changeAuthority(AVRoomMulti.VIEWER, null, undefined, callback)).toBe(true);
  await settled();
  expect(codes).toEqual([AV_OK, AV_OK]);
  expect(server.askedFor('changeAuthority')).toEqual([
    { authBits: 254, privateMapKey: 'guest-key' },
    { authBits: 170 },
  ]);
});

test('a change that is refused calls back once, with number and reason', async () => {
  const { room, server, codes, reasons, callback } = await inside();
  server.refuse('changeAuthority', 'authBitsBeyondHeld');
  expect(room.changeAuthority(AVRoomMulti.GUEST, null, undefined, callback)).toBe(true);
  await settled();
  expect(codes).toEqual([AV_ERR_SERVER_NO_PERMISSION]);
  expect(reasons).toMatchObject([{ cause: 'authBitsBeyondHeld', extraCode: -100006 }]);
});

test.each<[string, number | bigint, string | Uint8Array | null, number | undefined]>([
  ['bits above a byte', 256, null, undefined],
  ['bits that are not whole', 1.5, null, undefined],
  ['more than 64 bits', 2n ** 64n, null, undefined],
  ['an empty buffer', 170, '', undefined],
  ['a buffer of nothing but zeroes', 170, new Uint8Array(8), undefined],
  ['a length beyond the buffer', 170, 'key', 4],
])('%s are not accepted, and nothing is called back', async (_, bits, buffer, length) => {
  const { room, server, codes, callback } = await inside();
  expect(room.changeAuthority(bits, buffer, length, callback)).toBe(false);
  await settled();
  expect(codes).toEqual([]);
  expect(server.askedFor('changeAuthority')).toEqual([]);
});

test('no change is accepted outside of a room, or while another is under way', async () => {
  const outside = roomWith();
  expect(outside.room.changeAuthority(170, null, undefined, outside.callback)).toBe(false);
  const { room, codes, callback } = await inside();
  expect(room.changeAuthority(170, null, undefined, callback)).toBe(true);
  expect(room.changeAuthority(170, null, undefined, callback)).toBe(false);
  await settled();
  expect(codes).toEqual([AV_OK]);
});

test('leaving gives up a change and says when it is done', async () => {
  const { room, server, told, codes, callback } = await inside();
  server.silent.add('changeAuthority');
  room.changeAuthority(AVRoomMulti.GUEST, null, undefined, callback);
  await settled();
  expect(room.exitRoom()).toBe(AV_OK);
  expect(room.exitRoom()).toBe(AV_ERR_ROOM_NOT_EXIST);
  await settled();
  expect(codes).toEqual([AV_ERR_FAIL]);
  expect(told.at(-1)).toEqual(['exited']);
});

test('who is put out because of a ticket is told the number of its cause', async () => {
  const { room, server, told, listener } = await inside();
  server.notify('removed', { reason: 'ticket', cause: 'privateMapKeyExpired' });
  expect(told.slice(1)).toEqual([['disconnected', AV_ERR_SERVER_NO_PERMISSION, 'put out: banned']]);
  expect(room.enterRoom(listener, viewer)).toBe(AV_OK);
});
