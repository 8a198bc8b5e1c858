import { deflateSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';

/** The wall clock of the fake platform at its start. */
const START = 1_700_000_000;

const ticket = (json: object): string =>
  deflateSync(JSON.stringify(json))
    .toString('base64')
    .replace(/\+/g, '*')
    .replace(/\//g, '-')
    .replace(/=/g, '_');

const userSig = ({ userId = 'ana', sdkAppId = 1, time = START, expire = 86_400, ...rest } = {}): string =>
  ticket({
    'TLS.ver': '2.0',
    'TLS.identifier': userId,
    'TLS.sdkappid': sdkAppId,
    'TLS.time': time,
    'TLS.expire': expire,
    'TLS.sig': 'unread',
    ...rest,
  });

/** A client inside, whose UserSig has been read. */
async function inside(expire: number) {
  const client = await clientInside({ userSig: userSig({ expire }) });
  await vi.waitUntil(
    () => client.platform.timers.waiting > 0 || client.heard('user-sig-will-expire').length > 0,
  );
  return client;
}

const reentered = async (client: Awaited<ReturnType<typeof inside>>) => {
  client.server.drop();
  client.platform.timers.advance(10);
  await settled();
  return client.server.askedFor('enter').at(-1);
};

test('the app is told 30 s before its UserSig expires, once', async () => {
  const { platform, heard } = await inside(5 * 3600);
  for (let hour = 1; hour < 5; hour += 1) platform.timers.advance(3_600_000);
  platform.timers.advance(3_569_000);
  expect(heard('user-sig-will-expire')).toEqual([]);
  platform.timers.advance(1000);
  expect(heard('user-sig-will-expire')).toEqual([{ expiresAt: START + 5 * 3600, secondsLeft: 30 }]);
  platform.timers.advance(3_600_000);
  expect(heard('user-sig-will-expire')).toHaveLength(1);
});

test('a UserSig of half a year is longer than a timer of browsers, and not told of before its time', async () => {
  const { platform, heard } = await inside(180 * 86_400);
  platform.timers.advance(1000);
  expect(heard('user-sig-will-expire')).toEqual([]);
});

test('a computer whose clock is wrong is not told more often than every 30 s', async () => {
  const { platform, heard, trtc } = await inside(-1000);
  expect(heard('user-sig-will-expire')).toEqual([{ expiresAt: START - 1000, secondsLeft: 0 }]);
  await trtc.updateUserSig(userSig({ expire: -900 }));
  await trtc.updateUserSig(userSig({ expire: -800 }));
  platform.timers.advance(29_000);
  expect(heard('user-sig-will-expire')).toHaveLength(1);
  platform.timers.advance(1000);
  expect(heard('user-sig-will-expire')).toHaveLength(2);
});

test('the room is entered again with the UserSig that was given last', async () => {
  const client = await inside(3600);
  const fresh = userSig({ time: START + 3500 });
  await client.trtc.updateUserSig(fresh);
  client.platform.timers.advance(3_600_000);
  expect(client.heard('user-sig-will-expire')).toEqual([]);
  expect(client.server.askedFor('enter')).toHaveLength(1);
  expect(await reentered(client)).toMatchObject({ userSig: fresh, userId: 'ana' });
});

test('a UserSig that comes while the connection is away is used for the entry that follows', async () => {
  const client = await inside(3600);
  client.server.drop();
  const fresh = userSig({ time: START + 1 });
  await client.trtc.updateUserSig(fresh);
  client.platform.timers.advance(10);
  await settled();
  expect(client.server.askedFor('enter').at(-1)).toMatchObject({ userSig: fresh });
});

test.each([
  ['another user', userSig({ userId: 'eve' }), 'userSigWrongUser'],
  ['another application', userSig({ sdkAppId: 2 }), 'userSigWrongApplication'],
  ['nonsense', 'nonsense', 'userSigMalformed'],
  ['a text that is no ticket', ticket({}), 'userSigMalformed'],
  ['null', ticket(Object(null)), 'userSigMalformed'],
  ['a PrivateMapKey', userSig(Object({ 'TLS.userbuf': 'AA==' })), 'userSigIsPrivateMapKey'],
])('a UserSig of %s is refused, and the one before is kept', async (_, other, cause) => {
  const client = await inside(3600);
  const updating = client.trtc.updateUserSig(other);
  await expect(updating).rejects.toMatchObject({ cause, functionName: 'updateUserSig' });
  expect(await reentered(client)).toMatchObject({ userSig: userSig({ expire: 3600 }) });
});

test('outside of a room no UserSig is taken, and none is watched', async () => {
  const { trtc, platform } = await inside(3600);
  await expect(trtc.updateUserSig('')).rejects.toMatchObject({ code: 5000, extraCode: 5003 });
  await trtc.exitRoom();
  expect(platform.timers.waiting).toBe(0);
  await expect(trtc.updateUserSig(userSig())).rejects.toMatchObject({ code: 5100, extraCode: 5101 });
});

test('a browser that cannot read tickets gives the UserSig to the server as it is', async () => {
  const { DecompressionStream } = globalThis;
  vi.stubGlobal('DecompressionStream', undefined);
  try {
    const client = fakeClient();
    await client.trtc.enterRoom({ ...entry, userSig: userSig({ expire: 10 }) });
    await client.trtc.updateUserSig(userSig({ expire: 20 }));
    expect(client.heard('user-sig-will-expire')).toEqual([]);
    client.server.drop();
    client.platform.timers.advance(10);
    await settled();
    expect(client.server.askedFor('enter').at(-1)).toMatchObject({ userSig: userSig({ expire: 20 }) });
  } finally {
    vi.stubGlobal('DecompressionStream', DecompressionStream);
  }
});
