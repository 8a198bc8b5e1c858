import { expect, test } from 'vitest';
import { entry, FakeTrack, fakeClient } from '../platform/fake-platform.fixture.ts';

test.each([
  ['nothing at all', undefined, 5001],
  ['no object', 'options', 5002],
  ['no sdkAppId', { ...entry, sdkAppId: undefined }, 5001],
  ['an sdkAppId of text', { ...entry, sdkAppId: '1' }, 5002],
  ['no userId', { ...entry, userId: undefined }, 5001],
  ['a userId of number', { ...entry, userId: 7 }, 5002],
  ['an empty userId', { ...entry, userId: '' }, 5003],
  ['an illegal userId', { ...entry, userId: 'ana!' }, 5005],
  ['no userSig', { ...entry, userSig: undefined }, 5001],
  ['an empty userSig', { ...entry, userSig: '' }, 5003],
  ['no room', { ...entry, roomId: undefined }, 5015],
  ['an empty room text', { ...entry, roomId: undefined, strRoomId: '' }, 5015],
  ['a roomId of text', { ...entry, roomId: '7' }, 5016],
  ['a roomId of 0', { ...entry, roomId: 0 }, 5013],
  ['a roomId above the range', { ...entry, roomId: 4294967295 }, 5013],
  ['a fraction as roomId', { ...entry, roomId: 1.5 }, 5013],
  ['an illegal room text', { ...entry, roomId: undefined, strRoomId: 'a/b' }, 5012],
  ['a room text of number', { ...entry, roomId: undefined, strRoomId: 7 }, 5002],
  ['an unknown scene', { ...entry, scene: 'meeting' }, 5005],
  ['an unknown role', { ...entry, role: 'guest' }, 5005],
  ['a privateMapKey of number', { ...entry, privateMapKey: 7 }, 5002],
  ['a fraction as authBits', { ...entry, authBits: 1.5 }, 5005],
  ['authBits without end', { ...entry, authBits: Number.POSITIVE_INFINITY }, 5005],
  ['authBits that are no number', { ...entry, authBits: Number.NaN }, 5005],
  ['authBits of text', { ...entry, authBits: '255' }, 5002],
])('enterRoom refuses %s', async (_, options, extraCode) => {
  const { trtc, server } = fakeClient();
  const entering = trtc.enterRoom(options as typeof entry);
  await expect(entering).rejects.toMatchObject({ code: 5000, extraCode, functionName: 'enterRoom' });
  expect(server.urls).toEqual([]);
});

test('a roomId of 0 beside a room text counts as not given', async () => {
  const { trtc, server } = fakeClient();
  await trtc.enterRoom({ ...entry, roomId: 0, strRoomId: 'seven' });
  expect(server.askedFor('enter')[0]).toMatchObject({ strRoomId: 'seven' });
});

const audioTrack = new FakeTrack('audio').asTrack;
const untyped = (options: unknown) => options as never;

test.each([
  ['startLocalAudio', { publish: 1 }, 5002],
  ['startLocalAudio', { mute: 'camera' }, 5005],
  ['startLocalAudio', { option: { profile: 'best' } }, 5005],
  ['startLocalAudio', { option: { audioTrack: {} } }, 5002],
  ['startLocalVideo', { mute: 'https://image' }, 5002],
  ['startLocalVideo', { option: { videoTrack: audioTrack } }, 5002],
  ['startLocalVideo', { option: { profile: '8K' } }, 5005],
  ['startLocalVideo', { option: { profile: { width: 640 } } }, 5002],
  ['startLocalVideo', { option: { profile: { width: 640, height: 0, frameRate: 15, bitrate: 1 } } }, 5005],
  [
    'startLocalVideo',
    { option: { profile: { width: 640, height: 480, frameRate: Infinity, bitrate: 1 } } },
    5005,
  ],
  [
    'startScreenShare',
    { option: { profile: { width: 640, height: 480, frameRate: 15, bitrate: Infinity } } },
    5005,
  ],
  ['startLocalVideo', { option: { mirror: 'both' } }, 5005],
  ['startLocalVideo', { option: { codec: 'AV1' } }, 5005],
  ['startLocalVideo', { view: 'nowhere' }, 5009],
  ['startLocalVideo', { view: {} }, 5010],
  ['startScreenShare', { option: { profile: '360p' } }, 5005],
  ['startScreenShare', { muteSystemAudio: 'yes' }, 5002],
  ['startRemoteVideo', undefined, 5001],
  ['startRemoteVideo', { userId: 'bob' }, 5014],
  ['startRemoteVideo', { userId: 'bob', streamType: 'screen' }, 5005],
  ['startRemoteVideo', { streamType: 'main' }, 5001],
  ['stopRemoteVideo', { userId: 'bob' }, 5014],
] as const)('%s refuses %j', async (method, options, extraCode) => {
  const { trtc } = fakeClient();
  const call = trtc[method](untyped(options));
  await expect(call).rejects.toMatchObject({ code: 5000, extraCode, functionName: method });
});

test('muteRemoteAudio refuses what says neither who nor whether', async () => {
  const { trtc } = fakeClient();
  await expect(trtc.muteRemoteAudio('', true)).rejects.toMatchObject({ extraCode: 5003 });
  await expect(trtc.muteRemoteAudio('bob', untyped(1))).rejects.toMatchObject({ extraCode: 5002 });
});
