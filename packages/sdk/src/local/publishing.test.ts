import { requests } from '@roomkey/protocol';
import { expect, test, vi } from 'vitest';
import type { Encoding } from '../connection/encoding.ts';
import { clientInside, entry, FakeTrack, fakeClient, settled } from '../platform/fake-platform.fixture.ts';

const first = (client: { platform: { fakeDevices: { captured: FakeTrack[] } } }): FakeTrack => {
  const [track] = client.platform.fakeDevices.captured;
  if (!track) throw new Error('Nothing was captured.');
  return track;
};

test('a microphone is captured and published, and its call ends when others can hear it', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio({ option: { profile: 'high-stereo' } });
  expect(client.server.askedFor('publish')).toMatchObject([{ slot: 'microphone', muted: false }]);
  expect(client.heard('publish-state-changed')).toEqual([
    { mediaType: 'audio', slot: 'microphone', state: 'starting', prevState: 'stopped' },
    { mediaType: 'audio', slot: 'microphone', state: 'started', prevState: 'starting' },
  ]);
  expect(client.platform.fakeDevices.constraints).toMatchObject([
    { audio: { channelCount: 2, echoCancellation: true } },
  ]);
  expect(client.trtc.getAudioTrack()).toBe(first(client));
});

/** The scales of the encodings that are published and sent, lowest first. */
const sentScales = (client: Awaited<ReturnType<typeof clientInside>>, index: number) =>
  (client.server.askedFor('publish')[index]?.rtpParameters.encodings as Encoding[] | undefined)
    ?.filter(({ active }) => active)
    .map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);

test('a camera is published with three encodings, of which those are active that fit its picture', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo();
  expect(sentScales(client, 0)).toEqual([2, 1]);
  expect(client.server.askedFor('publish')[0]?.rtpParameters.encodings).toHaveLength(3);
  await client.trtc.stopLocalVideo();
  const small = new FakeTrack('video', { width: 320, height: 240 });
  await client.trtc.startLocalVideo({ option: { videoTrack: small.asTrack } });
  expect(sentScales(client, 1)).toEqual([1]);
});

test('a new sender is told the largest size of each of its encodings, which the media library does not pass on', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio();
  const sending = client.platform.handlers[1];
  if (!sending) throw new Error('no transport');
  const encodings = [{}, {}, {}];
  const setParameters = vi.fn(async () => {});
  const sender = { getParameters: () => ({ encodings }), setParameters };
  const send = sending.send.bind(sending);
  sending.send = async (options) => {
    options.onRtpSender?.(sender as unknown as RTCRtpSender);
    return send(options);
  };
  await client.trtc.startLocalVideo();
  expect(setParameters).toHaveBeenCalledTimes(1);
  expect(encodings).toMatchObject([
    { active: true, scaleResolutionDownTo: { maxWidth: 320, maxHeight: 240 } },
    { active: true, scaleResolutionDownTo: { maxWidth: 640, maxHeight: 480 } },
    { active: false },
  ]);
});

test('after an update, a camera is published again with the encodings of its new picture', async () => {
  const client = await clientInside();
  const tracks = [320, 1280, 640].map((width) => new FakeTrack('video', { width, height: (width * 3) / 4 }));
  const [small, large, middle] = tracks.map(({ asTrack }) => asTrack);
  await client.trtc.startLocalVideo({ option: { videoTrack: small } });
  await client.trtc.updateLocalVideo({ option: { videoTrack: large } });
  client.server.loseMedia();
  await settled();
  expect(sentScales(client, 1)).toEqual([4, 2, 1]);
  await client.trtc.updateLocalVideo({ option: { videoTrack: middle } });
  for (const handler of client.platform.handlers)
    vi.spyOn(handler, 'replaceTrack').mockRejectedValueOnce(new DOMException('no', 'InvalidStateError'));
  await expect(client.trtc.updateLocalVideo({ option: { videoTrack: large } })).rejects.toThrow();
  client.server.loseMedia();
  await settled();
  expect(sentScales(client, 2)).toEqual([2, 1]);
});

test('VP8 is sent unless something else is asked for', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo();
  const [publish] = client.server.askedFor('publish');
  expect(publish?.rtpParameters.codecs[0]?.mimeType).toBe('video/VP8');
});

test('VP9 carries its sizes inside one encoding', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo({ option: { codec: 'VP9' } });
  const [publish] = client.server.askedFor('publish');
  expect(publish?.rtpParameters.codecs[0]?.mimeType).toBe('video/VP9');
  expect(publish?.rtpParameters.encodings).toMatchObject([{ scalabilityMode: 'L3T3_KEY' }]);
});

test('a codec that this browser does not encode is refused', async () => {
  // The fake browser and the server have no H.264 profile in common.
  const client = await clientInside();
  const started = client.trtc.startLocalVideo({ option: { codec: 'H264' } });
  await expect(started).rejects.toMatchObject({
    code: 5200,
    extraCode: 5203,
    cause: 'h264EncodeUnsupported',
  });
});

test('with publish false there is only a preview, until it is asked for', async () => {
  const client = await clientInside();
  const view = client.platform.element('me');
  await client.trtc.startLocalVideo({ view: 'me', publish: false });
  expect(client.server.askedFor('publish')).toEqual([]);
  expect(client.platform.videoPlayers[0]).toMatchObject({
    views: [view],
    style: { fillMode: 'cover', mirror: true },
  });
  await client.trtc.updateLocalVideo({ publish: true });
  await client.trtc.updateLocalVideo({ publish: false });
  expect(client.server.askedFor('unpublish')).toHaveLength(1);
  expect(client.heard('publish-state-changed')).toMatchObject([
    { state: 'starting' },
    { state: 'started' },
    { state: 'stopped', reason: 'api-call' },
  ]);
});

test('a refused publication is an error and an event, and the preview stays', async () => {
  const client = await clientInside();
  client.server.refuse('publish', 'sendVideoDenied');
  const started = client.trtc.startLocalVideo({ view: client.platform.element('me') });
  await expect(started).rejects.toMatchObject({
    code: 5400,
    extraCode: -102013,
    cause: 'sendVideoDenied',
    functionName: 'startLocalVideo',
  });
  expect(client.heard('publish-state-changed')).toMatchObject([
    { state: 'starting' },
    { state: 'stopped', reason: 'error', error: { cause: 'sendVideoDenied' } },
  ]);
  expect(first(client).readyState).toBe('live');
  expect(client.platform.videoPlayers[0]?.track).toBe(first(client));
  await client.trtc.updateLocalVideo({ publish: true });
  expect(client.heard('publish-state-changed')).toHaveLength(4);
});

test('what was captured before a room that refuses it is told by event', async () => {
  const client = fakeClient();
  await client.trtc.startLocalAudio();
  client.server.refuse('publish', 'sendAudioDenied');
  await client.trtc.enterRoom(entry);
  await settled();
  expect(client.heard('publish-state-changed')).toMatchObject([
    { state: 'starting' },
    { state: 'stopped', error: { code: 5400, extraCode: -100006, cause: 'sendAudioDenied' } },
  ]);
});

test('muting keeps the track, silences it and tells the server', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio({ mute: true });
  expect(client.server.askedFor('publish')).toMatchObject([{ muted: true }]);
  expect(first(client).enabled).toBe(false);
  await client.trtc.updateLocalAudio({ mute: false });
  await client.trtc.updateLocalAudio({});
  expect(client.server.askedFor('setMuted')).toMatchObject([{ muted: false }]);
  expect(first(client).enabled).toBe(true);
});

test('muting silences the microphone at once, also while the server is asked slowly', async () => {
  const client = fakeClient();
  client.server.limits.changesPerSecond = 1;
  await client.trtc.enterRoom(entry);
  await client.trtc.startLocalAudio();
  await client.trtc.updateLocalAudio({ mute: true });
  const calls = [false, true, false, true].map((mute) => client.trtc.updateLocalAudio({ mute }));
  await settled();
  expect(first(client).enabled).toBe(false);
  expect(client.server.askedFor('setMuted')).toHaveLength(1);
  const unmuting = client.trtc.updateLocalAudio({ mute: false });
  await settled();
  expect(first(client).enabled).toBe(true);
  const muting = client.trtc.updateLocalAudio({ mute: true });
  expect(first(client).enabled).toBe(false);
  await settled();
  client.platform.timers.advance(1000);
  await Promise.all([...calls, unmuting, muting]);
  expect(client.server.askedFor('setMuted').map(({ muted }) => muted)).toEqual([true, true]);
});

test('muting and stopping silence a microphone whose publishing waits for its turn', async () => {
  const client = fakeClient();
  client.server.limits.changesPerSecond = 1;
  await client.trtc.enterRoom(entry);
  await client.trtc.startLocalVideo();
  await client.trtc.stopLocalVideo();
  const starting = client.trtc.startLocalAudio();
  await settled();
  const microphone = client.platform.fakeDevices.captured[1];
  expect(microphone?.enabled).toBe(true);
  const muting = client.trtc.updateLocalAudio({ mute: true });
  expect(microphone?.enabled).toBe(false);
  client.platform.timers.advance(1000);
  await starting;
  expect(microphone?.enabled).toBe(false);
  const unmuting = client.trtc.updateLocalAudio({ mute: false });
  await settled();
  const stopping = client.trtc.stopLocalAudio();
  expect(microphone?.enabled).toBe(false);
  for (let second = 0; second < 4; second += 1) {
    client.platform.timers.advance(1000);
    await settled();
  }
  await Promise.all([muting, unmuting, stopping]);
  expect(microphone?.readyState).toBe('ended');
});

test('a mute that the server refused is asked for again by the next call', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio();
  client.server.refuse('setMuted', 'tooManyChanges');
  await expect(client.trtc.updateLocalAudio({ mute: true })).rejects.toMatchObject({
    cause: 'tooManyChanges',
  });
  expect(first(client).enabled).toBe(false);
  await client.trtc.updateLocalAudio({});
  expect(client.server.askedFor('setMuted')).toHaveLength(2);
});

test('a track of the app is enabled again when its use is over', async () => {
  const client = await clientInside();
  const own = new FakeTrack('audio');
  await client.trtc.startLocalAudio({ option: { audioTrack: own.asTrack } });
  const stopping = client.trtc.stopLocalAudio();
  expect(own.enabled).toBe(false);
  await stopping;
  expect(own.enabled).toBe(true);
});

test('another device takes the place of the first without a new publication', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo();
  await client.trtc.updateLocalVideo({ option: { cameraId: 'back' } });
  expect(client.platform.fakeDevices.constraints[1]).toMatchObject({
    video: { deviceId: { exact: 'back' } },
  });
  expect(client.platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual(['ended', 'live']);
  expect(client.server.askedFor('publish')).toHaveLength(1);
  expect(client.server.askedFor('unpublish')).toEqual([]);
});

test('a new profile changes the camera, not the publication', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo();
  await client.trtc.updateLocalVideo({ option: { profile: '720p' } });
  expect(first(client).applyConstraints).toHaveBeenCalledWith(
    expect.objectContaining({ width: { ideal: 1280 }, height: { ideal: 720 } }),
  );
  expect(client.server.askedFor('publish')).toHaveLength(1);
});

test.each([1000 / 3, 40.0005, 1e-9, 1e300])(
  'a profile of %s kbit/s leaves as whole bits per second that the server takes',
  async (bitrate) => {
    const profile = { width: 1280, height: 720, frameRate: 15, bitrate };
    const client = await clientInside();
    await client.trtc.startLocalVideo({ option: { profile } });
    await client.trtc.startScreenShare({ option: { profile } });
    await client.trtc.stopLocalVideo();
    await client.trtc.startLocalVideo({ option: { profile, codec: 'VP9' } });
    const published = client.server.askedFor('publish');
    const encodings = published.map(({ rtpParameters }) => rtpParameters.encodings);
    expect(encodings.map(({ length }) => length)).toEqual([3, 2, 1]);
    expect(encodings.flat().every(({ maxBitrate }) => maxBitrate !== undefined)).toBe(true);
    for (const params of published) expect(requests.publish.params.safeParse(params).error).toBeUndefined();
  },
);

test('stopping ends the capture and the publication', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio();
  await client.trtc.stopLocalAudio();
  await client.trtc.stopLocalAudio();
  expect(client.server.askedFor('unpublish')).toHaveLength(1);
  expect(first(client).readyState).toBe('ended');
  expect(client.trtc.getAudioTrack()).toBeNull();
});

test('a track that the app gave is published and never stopped', async () => {
  const client = await clientInside();
  const track = new FakeTrack('audio');
  await client.trtc.startLocalAudio({ option: { audioTrack: track.asTrack } });
  await client.trtc.updateLocalAudio({ option: { microphoneId: 'built-in' } });
  await client.trtc.updateLocalAudio({ option: { audioTrack: track.asTrack } });
  await client.trtc.stopLocalAudio();
  expect(track.readyState).toBe('live');
  expect(client.platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual(['ended']);
});

test.each([
  ['NotFoundError', 5301, 'deviceNotFound'],
  ['NotAllowedError', 5302, 'deviceNotAllowed'],
  ['NotReadableError', 5303, 'deviceNotReadable'],
  ['OverconstrainedError', 5304, 'deviceOverconstrained'],
  ['InvalidStateError', 5305, 'deviceInvalidState'],
  ['SecurityError', 5306, 'deviceSecurity'],
  ['AbortError', 5307, 'deviceAbort'],
])('%s of a device is extra code %i', async (name, extraCode, cause) => {
  const client = fakeClient();
  client.platform.fakeDevices.failure = new DOMException('no', name);
  const starting = client.trtc.startLocalVideo();
  await expect(starting).rejects.toMatchObject({ code: 5300, extraCode, cause, originError: { name } });
  await client.trtc.startLocalVideo();
});

test('a page that is not secure is told so', async () => {
  const client = fakeClient();
  Object.assign(client.platform, { mediaDevices: undefined });
  await expect(client.trtc.startLocalAudio()).rejects.toMatchObject({ code: 5200, extraCode: 5201 });
});

test('starting twice is refused, updating what is not started too', async () => {
  const { trtc } = fakeClient();
  await trtc.startLocalAudio();
  await trtc.startLocalVideo();
  await expect(trtc.startLocalAudio()).rejects.toMatchObject({ code: 5100, extraCode: 5104 });
  await expect(trtc.startLocalVideo()).rejects.toMatchObject({ code: 5100, extraCode: 5104 });
  await expect(trtc.updateScreenShare({})).rejects.toMatchObject({ code: 5100, cause: 'notStarted' });
});

test('stopping gives up a start that waits for the user, and stops what comes late', async () => {
  const { trtc, platform } = fakeClient();
  let allow = () => {};
  platform.fakeDevices.permission = new Promise((resolve) => {
    allow = resolve;
  });
  const starting = trtc.startLocalVideo();
  const refused = expect(starting).rejects.toMatchObject({ code: 5998, cause: 'aborted' });
  await settled();
  await trtc.stopLocalVideo();
  await refused;
  allow();
  await settled();
  expect(platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual(['ended']);
});

test('a device that is pulled out ends the publication with an error', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio();
  first(client).end();
  await settled();
  expect(client.heard('publish-state-changed').at(-1)).toMatchObject({
    state: 'stopped',
    reason: 'error',
    error: { code: 5300, extraCode: 5309, cause: 'microphoneLost' },
  });
  await client.trtc.updateLocalAudio({ option: { microphoneId: 'other' } });
  expect(client.heard('publish-state-changed').at(-1)).toMatchObject({ state: 'started' });
});

test('a track that the server closes ends with the cause, and can be published again', async () => {
  const client = await clientInside();
  await client.trtc.startLocalVideo();
  const [published] = client.server.askedFor('publish');
  expect(published?.slot).toBe('camera');
  const trackId = `track-${client.server.asked.length}`;
  client.server.notify('trackClosed', {
    trackId,
    slot: 'camera',
    cause: 'bitrateExceeded',
    message: 'Too much.',
  });
  expect(client.heard('publish-state-changed').at(-1)).toMatchObject({
    state: 'stopped',
    error: { code: 5500, extraCode: 5008, cause: 'bitrateExceeded', message: 'Too much.' },
  });
  await client.trtc.updateLocalVideo({ publish: true });
  expect(client.server.askedFor('publish')).toHaveLength(2);
});

test('a screen is published with its sound, each in its slot', async () => {
  const client = await clientInside();
  await client.trtc.startScreenShare({ option: { systemAudio: true } });
  await settled();
  expect(client.server.askedFor('publish').map(({ slot }) => slot)).toEqual(['screenAudio', 'screen']);
  expect(
    client
      .heard('publish-state-changed')
      .every((each) => (each as { mediaType: string }).mediaType === 'screen'),
  ).toBe(true);
  await client.trtc.updateScreenShare({ muteSystemAudio: true });
  expect(client.server.askedFor('setMuted')).toMatchObject([{ muted: true }]);
  expect(client.trtc.getVideoTrack({ streamType: 'sub' })).not.toBeNull();
  await client.trtc.stopScreenShare();
  expect(client.server.askedFor('unpublish')).toHaveLength(2);
  expect(client.platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual([
    'ended',
    'ended',
  ]);
});

test('the refusal of the sound alone leaves the screen shared', async () => {
  const client = await clientInside();
  client.server.refuse('publish', 'sendAudioDenied');
  await client.trtc.startScreenShare({ option: { systemAudio: true } });
  expect(client.heard('publish-state-changed')).toMatchObject([
    { slot: 'screenAudio', state: 'starting' },
    { slot: 'screen', state: 'starting' },
    { slot: 'screenAudio', state: 'stopped', error: { cause: 'sendAudioDenied' } },
    { slot: 'screen', state: 'started' },
  ]);
});

test('a sharing that the user ends in the browser is over, and said once', async () => {
  const client = await clientInside();
  await client.trtc.startScreenShare();
  first(client).end();
  await settled();
  expect(client.heard('screen-share-stopped')).toHaveLength(1);
  expect(client.server.askedFor('unpublish')).toHaveLength(1);
  expect(client.trtc.getVideoTrack({ streamType: 'sub' })).toBeNull();
  await client.trtc.startScreenShare();
});
