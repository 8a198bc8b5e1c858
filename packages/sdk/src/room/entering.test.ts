import { expect, test } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';
import { allRights } from '../signal/scripted-server.fixture.ts';

const states = (changes: unknown[]) => changes.map((change) => (change as { readonly state: string }).state);

test('requests follow the entry without waiting for its answer', async () => {
  const { trtc, server } = fakeClient();
  server.silent.add('enter');
  trtc.enterRoom(entry).catch(() => {});
  await settled();
  expect(server.asked.map(({ method }) => method)).toEqual(['enter', 'openTransport']);
  expect(server.urls).toEqual(['wss://rooms.test/rtc']);
});

test('what is captured already gets its transport with the entry and is published by it', async () => {
  const { trtc, server, heard } = fakeClient();
  await trtc.startLocalAudio();
  expect(server.asked).toEqual([]);
  await trtc.enterRoom(entry);
  await settled();
  const opened = server.askedFor('openTransport').map(({ direction }) => direction);
  expect(opened).toEqual(['recv', 'send']);
  expect(server.askedFor('publish')).toMatchObject([{ slot: 'microphone', muted: false }]);
  expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started']);
});

test('the entry carries what the options say, and defaults for what they do not', async () => {
  const { server } = await clientInside({ privateMapKey: 'key', authBits: 2n ** 64n - 1n, role: 'audience' });
  expect(server.askedFor('enter')).toMatchObject([
    {
      sdkAppId: 1,
      userId: 'ana',
      userSig: 'sig',
      roomId: 7,
      privateMapKey: 'key',
      authBits: '18446744073709551615',
      scene: 'rtc',
      role: 'audience',
      autoReceive: { audio: true, video: false },
    },
  ]);
  expect(server.askedFor('enter')[0]?.rtpCapabilities?.codecs.length).toBeGreaterThan(0);
});

test('a numeric room id wins over a text', async () => {
  const { server } = await clientInside({ strRoomId: 'seven' });
  expect(server.askedFor('enter')[0]).not.toHaveProperty('strRoomId');
});

test('the permissions of the entry can be read until the room is left', async () => {
  const { trtc } = await clientInside();
  expect(trtc.permissions).toEqual(allRights);
  await trtc.exitRoom();
  expect(trtc.permissions).toBeNull();
});

test('a refusal of the server has its numbers and its cause', async () => {
  const { trtc, server, heard } = fakeClient();
  server.refuse('enter', 'privateMapKeyExpired');
  const refused = trtc.enterRoom(entry);
  await expect(refused).rejects.toMatchObject({
    name: 'RtcError',
    code: 5400,
    extraCode: -100006,
    cause: 'privateMapKeyExpired',
    data: { cause: 'privateMapKeyExpired' },
    functionName: 'enterRoom',
  });
  expect(states(heard('connection-state-changed'))).toEqual(['CONNECTING', 'DISCONNECTED']);
  expect(server.connections).toBe(0);
  await trtc.enterRoom(entry);
});

test('a server that cannot be reached is an error at once', async () => {
  const { trtc, server, platform } = fakeClient();
  server.down = true;
  await expect(trtc.enterRoom(entry)).rejects.toMatchObject({ code: 5400, cause: 'connectionLost' });
  expect(platform.timers.waiting).toBe(0);
});

test('a server that does not answer is given up', async () => {
  const { trtc, server, platform } = fakeClient();
  server.silent.add('enter');
  const entering = trtc.enterRoom(entry);
  await settled();
  platform.timers.advance(10_000);
  await expect(entering).rejects.toMatchObject({ code: 5400, cause: 'connectionLost' });
});

test('a room is entered once', async () => {
  const { trtc } = await clientInside();
  await expect(trtc.enterRoom(entry)).rejects.toMatchObject({ code: 5100, extraCode: 5104 });
});

test.each([
  ['before it began', false],
  ['while the server thinks', true],
])('leaving gives an entry up %s', async (_, begun) => {
  const { trtc, server } = fakeClient();
  server.silent.add('enter');
  const entering = trtc.enterRoom(entry);
  const refused = expect(entering).rejects.toMatchObject({ code: 5998, extraCode: 5998, cause: 'aborted' });
  if (begun) await settled();
  await trtc.exitRoom();
  await refused;
  expect(server.connections).toBe(0);
});

test('leaving tells the server, ends the connection and stops nothing that was captured', async () => {
  const { trtc, server, platform, heard } = await clientInside();
  await trtc.startLocalVideo();
  await trtc.exitRoom();
  expect(server.askedFor('exit')).toHaveLength(1);
  expect(server.connections).toBe(0);
  expect(platform.timers.waiting).toBe(0);
  expect(platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual(['live']);
  expect(heard('publish-state-changed')).toMatchObject([
    { state: 'starting' },
    { state: 'started' },
    { state: 'stopped', reason: 'api-call' },
  ]);
  expect(states(heard('connection-state-changed'))).toEqual(['CONNECTING', 'CONNECTED', 'DISCONNECTED']);
});

test('leaving does not wait for ever for a server that is silent', async () => {
  const { trtc, server, platform } = await clientInside();
  server.silent.add('exit');
  const leaving = trtc.exitRoom();
  await settled();
  platform.timers.advance(2000);
  await leaving;
  expect(server.connections).toBe(0);
});

test('leaving outside of a room does nothing', async () => {
  const { trtc, raised } = fakeClient();
  await Promise.all([trtc.exitRoom(), trtc.exitRoom()]);
  expect(raised).toEqual([]);
});

test('many entries and exits leave nothing behind', async () => {
  const { trtc, server, platform } = fakeClient();
  await trtc.startLocalAudio();
  for (let cycle = 0; cycle < 30; cycle += 1) {
    await trtc.enterRoom(entry);
    await settled();
    await trtc.exitRoom();
  }
  await settled();
  await trtc.stopLocalAudio();
  trtc.destroy();
  expect(server.connections).toBe(0);
  expect(platform.timers.waiting).toBe(0);
  expect(platform.fakeDevices.captured.every(({ readyState }) => readyState === 'ended')).toBe(true);
});

test('a client inside of a room is not destroyed', async () => {
  const { trtc } = await clientInside();
  expect(() => trtc.destroy()).toThrow(expect.objectContaining({ code: 5500, cause: 'notExited' }));
});

test('a destroyed client has stopped its captures and does nothing more', async () => {
  const { trtc, platform } = fakeClient();
  await trtc.startLocalVideo({ view: platform.element('me') });
  await trtc.startLocalAudio();
  trtc.destroy();
  trtc.destroy();
  expect(platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
  expect(platform.videoPlayers.every(({ views }) => views.length === 0)).toBe(true);
  await expect(trtc.enterRoom(entry)).rejects.toMatchObject({ code: 5100, cause: 'destroyed' });
});
