import { describe, expect, test, vi } from 'vitest';
import { clientInside, FakeTrack, settled } from '../platform/fake-platform.fixture.ts';

type Client = Awaited<ReturnType<typeof clientInside>>;

const captured = (client: Client, index = 0): FakeTrack => {
  const track = client.platform.fakeDevices.captured[index];
  if (!track) throw new Error(`Capture ${index} does not exist.`);
  return track;
};

const ended = (kind: 'audio' | 'video'): FakeTrack => {
  const track = new FakeTrack(kind);
  track.stop();
  return track;
};

/** The browser refuses the next track that shall take the place of another. */
const refuseReplacement = (client: Client): void => {
  for (const handler of client.platform.handlers)
    vi.spyOn(handler, 'replaceTrack').mockRejectedValueOnce(
      new DOMException('no', 'InvalidModificationError'),
    );
};

/** The tracks that reach the room, by the media library itself. */
const unmuted = (client: Client) =>
  client.server.tracks.filter(({ muted }) => !muted).map(({ slot }) => slot);

describe('a microphone whose replacement is refused', () => {
  const refusals = {
    'an ended track': (client: Client) => {
      const own = ended('audio');
      return { own, call: client.trtc.updateLocalAudio({ option: { audioTrack: own.asTrack } }) };
    },
    'a track that the browser does not send': (client: Client) => {
      refuseReplacement(client);
      const own = new FakeTrack('audio');
      return { own, call: client.trtc.updateLocalAudio({ option: { audioTrack: own.asTrack } }) };
    },
    'a track that ends on the way': (client: Client) => {
      const own = new FakeTrack('audio');
      for (const handler of client.platform.handlers)
        vi.spyOn(handler, 'replaceTrack').mockImplementationOnce(async () => own.end());
      return { own, call: client.trtc.updateLocalAudio({ option: { audioTrack: own.asTrack } }) };
    },
    'a device that is gone': (client: Client) => {
      client.platform.fakeDevices.failure = new DOMException('no', 'NotFoundError');
      return { own: undefined, call: client.trtc.updateLocalAudio({ option: { microphoneId: 'gone' } }) };
    },
  };

  test.each(Object.entries(refusals))('by %s goes on, and can be muted', async (_, refuse) => {
    const client = await clientInside();
    await client.trtc.startLocalAudio();
    const raisedBefore = client.raised.length;
    const { own, call } = refuse(client);
    await expect(call).rejects.toMatchObject({ functionName: 'updateLocalAudio' });
    const microphone = captured(client);
    expect(client.trtc.getAudioTrack()).toBe(microphone);
    expect(microphone).toMatchObject({ readyState: 'live', enabled: true });
    expect(own?.enabled ?? true).toBe(true);
    expect(client.raised.slice(raisedBefore)).toEqual([]);
    await client.trtc.updateLocalAudio({ mute: true });
    expect(microphone.enabled).toBe(false);
    expect(unmuted(client)).toEqual([]);
    await client.trtc.updateLocalAudio({ mute: false });
    expect(microphone.enabled).toBe(true);
    expect(unmuted(client)).toEqual(['microphone']);
    await client.trtc.stopLocalAudio();
    expect(microphone.readyState).toBe('ended');
    expect(own?.enabled ?? true).toBe(true);
  });

  test('is muted if the same call mutes it', async () => {
    const client = await clientInside();
    await client.trtc.startLocalAudio();
    const call = client.trtc.updateLocalAudio({ mute: true, option: { audioTrack: ended('audio').asTrack } });
    await expect(call).rejects.toMatchObject({ cause: 'trackEnded', extraCode: 5305 });
    await settled();
    expect(captured(client).enabled).toBe(false);
    expect(unmuted(client)).toEqual([]);
  });

  test('stays muted if the same call would have ended that', async () => {
    const client = await clientInside();
    await client.trtc.startLocalAudio({ mute: true });
    refuseReplacement(client);
    const own = new FakeTrack('audio');
    const call = client.trtc.updateLocalAudio({ mute: false, option: { audioTrack: own.asTrack } });
    await expect(call).rejects.toThrow();
    expect(captured(client).enabled).toBe(false);
    expect(own.enabled).toBe(true);
    expect(unmuted(client)).toEqual([]);
  });

  test('keeps its options: the next update captures as before', async () => {
    const client = await clientInside();
    await client.trtc.startLocalAudio({ option: { microphoneId: 'first' } });
    client.platform.fakeDevices.failure = new DOMException('no', 'NotFoundError');
    await expect(
      client.trtc.updateLocalAudio({ publish: false, option: { microphoneId: 'gone' } }),
    ).rejects.toThrow();
    expect(unmuted(client)).toEqual(['microphone']);
    await client.trtc.updateLocalAudio({ option: { autoGainControl: false } });
    expect(client.platform.fakeDevices.constraints.at(-1)).toMatchObject({
      audio: { deviceId: { exact: 'first' } },
    });
  });
});

test('while one microphone takes the place of another, a mute silences both', async () => {
  const client = await clientInside();
  await client.trtc.startLocalAudio();
  let replace = () => {};
  for (const handler of client.platform.handlers)
    vi.spyOn(handler, 'replaceTrack').mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          replace = resolve;
        }),
    );
  const own = new FakeTrack('audio');
  const updating = client.trtc.updateLocalAudio({ option: { audioTrack: own.asTrack } });
  await settled();
  const muting = client.trtc.updateLocalAudio({ mute: true });
  expect([captured(client).enabled, own.enabled]).toEqual([false, false]);
  replace();
  await Promise.all([updating, muting]);
  expect(own.enabled).toBe(false);
  expect(client.trtc.getAudioTrack()).toBe(own);
});

test('a track that has ended is not started', async () => {
  const { trtc, server, platform } = await clientInside();
  const audio = ended('audio').asTrack;
  const video = ended('video').asTrack;
  const refusal = { code: 5300, extraCode: 5305, cause: 'trackEnded' };
  await expect(trtc.startLocalAudio({ option: { audioTrack: audio } })).rejects.toMatchObject(refusal);
  await expect(trtc.startLocalVideo({ option: { videoTrack: video } })).rejects.toMatchObject(refusal);
  await expect(trtc.startScreenShare({ option: { videoTrack: video } })).rejects.toMatchObject(refusal);
  await expect(trtc.startScreenShare({ option: { audioTrack: audio } })).rejects.toMatchObject(refusal);
  expect(server.askedFor('publish')).toEqual([]);
  expect(platform.fakeDevices.captured).toEqual([]);
  await trtc.startLocalAudio();
});

describe('a camera whose update is refused', () => {
  test.each(['an ended track', 'the browser', 'a profile'])('by %s goes on as before', async (by) => {
    const client = await clientInside();
    const view = client.platform.element('me');
    const other = client.platform.element('other');
    await client.trtc.startLocalVideo({ view });
    const camera = captured(client);
    const own = by === 'an ended track' ? ended('video') : new FakeTrack('video');
    if (by === 'the browser') refuseReplacement(client);
    if (by === 'a profile')
      camera.applyConstraints.mockRejectedValueOnce(new DOMException('no', 'OverconstrainedError'));
    const option = by === 'a profile' ? { profile: '1080p' as const } : { videoTrack: own.asTrack };
    const call = client.trtc.updateLocalVideo({ view: other, publish: false, option });
    await expect(call).rejects.toMatchObject(
      by === 'the browser' ? {} : { cause: by === 'a profile' ? 'deviceOverconstrained' : 'trackEnded' },
    );
    expect(client.trtc.getVideoTrack()).toBe(camera);
    expect(client.platform.videoPlayers[0]).toMatchObject({ track: camera, views: [view] });
    expect(unmuted(client)).toEqual(['camera']);
    expect(client.heard('track')).toHaveLength(1);
    await client.trtc.updateLocalVideo({ mute: true });
    expect(camera.enabled).toBe(false);
    expect(own.enabled).toBe(true);
    expect(unmuted(client)).toEqual([]);
  });

  test('gives its size back when another camera does not follow a new profile', async () => {
    const client = await clientInside();
    await client.trtc.startLocalVideo({ option: { profile: '720p' } });
    refuseReplacement(client);
    const option = { profile: '360p', cameraId: 'back' } as const;
    await expect(client.trtc.updateLocalVideo({ option })).rejects.toThrow();
    expect(client.platform.fakeDevices.captured.map(({ readyState }) => readyState)).toEqual([
      'live',
      'ended',
    ]);
    expect(captured(client).applyConstraints).toHaveBeenLastCalledWith(
      expect.objectContaining({ width: { ideal: 1280 } }),
    );
  });

  test('is muted if the same call names a view that is not there', async () => {
    const client = await clientInside();
    await client.trtc.startLocalVideo();
    const call = client.trtc.updateLocalVideo({ mute: true, view: 'nowhere' });
    await expect(call).rejects.toMatchObject({ cause: 'elementMissing' });
    await settled();
    expect(captured(client).enabled).toBe(false);
    expect(unmuted(client)).toEqual([]);
  });
});

describe('a shared screen', () => {
  const share = async (): Promise<Client> => {
    const client = await clientInside();
    await client.trtc.startScreenShare({ option: { systemAudio: true } });
    await settled();
    return client;
  };

  test('keeps picture and sound when one of two new tracks is refused', async () => {
    const client = await share();
    const [video, audio] = [new FakeTrack('video'), ended('audio')];
    const call = client.trtc.updateScreenShare({
      option: { videoTrack: video.asTrack, audioTrack: audio.asTrack },
    });
    await expect(call).rejects.toMatchObject({ cause: 'trackEnded' });
    expect(client.trtc.getVideoTrack({ streamType: 'sub' })).toBe(captured(client, 0));
    expect(client.trtc.getAudioTrack({ streamType: 'sub' })).toBe(captured(client, 1));
    video.end();
    await settled();
    expect(client.heard('screen-share-stopped')).toEqual([]);
    await client.trtc.updateScreenShare({ muteSystemAudio: true });
    expect(captured(client, 1).enabled).toBe(false);
    expect(unmuted(client)).toEqual(['screen']);
  });

  test('sends the first picture again when the browser refuses the new sound', async () => {
    const client = await share();
    const sent: unknown[] = [];
    for (const handler of client.platform.handlers)
      vi.spyOn(handler, 'replaceTrack').mockImplementation(async (_, track) => {
        sent.push(track);
        if (track?.kind === 'audio') throw new DOMException('no', 'InvalidModificationError');
      });
    const [video, audio] = [new FakeTrack('video'), new FakeTrack('audio')];
    const option = { videoTrack: video.asTrack, audioTrack: audio.asTrack };
    await expect(client.trtc.updateScreenShare({ option })).rejects.toThrow();
    expect(sent).toEqual([video, audio, captured(client, 0)]);
  });

  test('goes on when its sound ends by itself, which is told', async () => {
    const client = await share();
    captured(client, 1).end();
    await settled();
    expect(client.heard('publish-state-changed').at(-1)).toMatchObject({
      slot: 'screenAudio',
      state: 'stopped',
      reason: 'error',
      error: { code: 5300, extraCode: 5300, cause: 'screenAudioLost' },
    });
    expect(unmuted(client)).toEqual(['screen']);
    expect(client.trtc.getAudioTrack({ streamType: 'sub' })).toBeNull();
    expect(client.heard('screen-share-stopped')).toEqual([]);
    const another = new FakeTrack('audio').asTrack;
    await client.trtc.updateScreenShare({ option: { audioTrack: another } });
    await settled();
    expect(unmuted(client).sort()).toEqual(['screen', 'screenAudio']);
  });

  test('that ends with its sound says so once', async () => {
    const client = await share();
    captured(client, 0).stop();
    captured(client, 1).end();
    captured(client, 0).end();
    await settled();
    expect(client.heard('screen-share-stopped')).toHaveLength(1);
    expect(client.heard('publish-state-changed').filter((each) => 'error' in (each as object))).toEqual([]);
  });
});
