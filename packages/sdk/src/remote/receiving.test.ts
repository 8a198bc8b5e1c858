import type { MemberWire } from '@roomkey/protocol';
import { describe, expect, test } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';

type Track = MemberWire['tracks'][number];

const track = (slot: Track['slot'], muted = false): Track => ({ trackId: `bob-${slot}`, slot, muted });
const bob = (...tracks: Track[]): MemberWire => ({ userId: 'bob', role: 'anchor', tracks });

/** A client in a room where bob is, with these tracks. */
async function clientWithBob(...tracks: Track[]) {
  const client = fakeClient();
  client.server.members = [bob(...tracks)];
  client.server.seatSeconds = 30;
  await client.trtc.enterRoom(entry);
  return client;
}

const main = { userId: 'bob', streamType: 'main' as const };

describe('who is there', () => {
  test('those who are inside already are announced after the entry, with what they send', async () => {
    const { raised } = await clientWithBob(track('microphone'), track('camera'), track('screen', true));
    const about = raised.filter(({ event }) => event.startsWith('remote-'));
    expect(about).toEqual([
      { event: 'remote-user-enter', payload: { userId: 'bob' } },
      { event: 'remote-audio-available', payload: { userId: 'bob' } },
      { event: 'remote-video-available', payload: main },
    ]);
  });

  test('coming, publishing, muting and ending are announced as they happen', async () => {
    const { server, raised } = await clientInside();
    const before = raised.length;
    server.notify('memberEntered', { seq: 1, member: bob() });
    server.notify('trackAdded', { seq: 2, userId: 'bob', track: track('camera') });
    server.notify('trackMuted', {
      seq: 3,
      userId: 'bob',
      trackId: 'bob-camera',
      slot: 'camera',
      muted: true,
    });
    server.notify('trackMuted', {
      seq: 4,
      userId: 'bob',
      trackId: 'bob-camera',
      slot: 'camera',
      muted: false,
    });
    server.notify('trackRemoved', { seq: 5, userId: 'bob', trackId: 'bob-camera', slot: 'camera' });
    expect(raised.slice(before).map(({ event }) => event)).toEqual([
      'remote-user-enter',
      'remote-video-available',
      'remote-video-unavailable',
      'remote-video-available',
      'remote-video-unavailable',
    ]);
  });

  test('microphone and the sound of the screen are one audio', async () => {
    const { server, heard } = await clientWithBob(track('microphone'), track('screenAudio'));
    const remove = (slot: Track['slot']) =>
      server.notify('trackRemoved', { seq: 1, userId: 'bob', trackId: `bob-${slot}`, slot });
    remove('microphone');
    expect(heard('remote-audio-unavailable')).toEqual([]);
    remove('screenAudio');
    expect(heard('remote-audio-available')).toHaveLength(1);
    expect(heard('remote-audio-unavailable')).toHaveLength(1);
  });

  test.each([
    ['exit', 0],
    ['timeout', 1],
    ['removed', 2],
    ['replaced', 2],
  ] as const)('who leaves by %s has exit reason %i', async (reason, code) => {
    const { server, heard } = await clientWithBob(track('microphone'));
    server.notify('memberLeft', { seq: 1, userId: 'bob', reason });
    expect(heard('remote-audio-unavailable')).toHaveLength(1);
    expect(heard('remote-user-exit')).toEqual([{ userId: 'bob', reason: code }]);
  });
});

describe('sound', () => {
  test('is set up, asked for and played as it comes', async () => {
    const { server, platform, trtc } = await clientWithBob(track('microphone'));
    server.offer('bob', 'microphone', 'c1');
    await settled();
    expect(server.askedFor('consumerReady')).toEqual([{ consumerId: 'c1' }]);
    expect(platform.audioPlayers[0]?.track).toBe(trtc.getAudioTrack('bob'));
    server.notify('consumerClosed', { consumerId: 'c1', userId: 'bob', slot: 'microphone' });
    expect(platform.audioPlayers[0]?.closed).toBe(true);
    expect(trtc.getAudioTrack('bob')).toBeNull();
  });

  test('a consumer that closes while it is being set up leaves nothing', async () => {
    const { server, platform, trtc } = await clientWithBob(track('microphone'));
    server.offer('bob', 'microphone', 'c1');
    server.notify('consumerClosed', { consumerId: 'c1', userId: 'bob', slot: 'microphone' });
    await settled();
    expect(server.askedFor('consumerReady')).toEqual([]);
    expect(platform.audioPlayers).toEqual([]);
    expect(trtc.getAudioTrack('bob')).toBeNull();
  });

  test('muting a user stops receiving both of its sounds, and unmuting brings them back', async () => {
    const { server, platform, trtc } = await clientWithBob(track('microphone'));
    server.offer('bob', 'microphone', 'c1');
    await settled();
    await trtc.muteRemoteAudio('bob', true);
    expect(server.askedFor('unsubscribe').map(({ slot }) => slot)).toEqual(['microphone', 'screenAudio']);
    expect(platform.audioPlayers[0]?.closed).toBe(true);
    await trtc.muteRemoteAudio('bob', true);
    expect(server.askedFor('unsubscribe')).toHaveLength(2);
    await trtc.muteRemoteAudio('*', false);
    expect(server.askedFor('subscribe').map(({ slot }) => slot)).toEqual(['microphone', 'screenAudio']);
  });

  test('muting everybody before the entry receives nobody, those who come later neither', async () => {
    const { server, trtc } = fakeClient();
    await trtc.muteRemoteAudio('*', true);
    await trtc.muteRemoteAudio('bob', false);
    await trtc.enterRoom(entry);
    expect(server.askedFor('enter')[0]?.autoReceive).toEqual({ audio: false, video: false });
    server.notify('memberEntered', { seq: 1, member: bob() });
    server.notify('memberEntered', { seq: 2, member: { ...bob(), userId: 'eve' } });
    await settled();
    expect(server.askedFor('subscribe').map(({ userId }) => userId)).toEqual(['bob', 'bob']);
    await trtc.exitRoom();
    await trtc.enterRoom(entry);
    expect(server.askedFor('enter')[1]?.autoReceive.audio).toBe(true);
  });

  test('hearing somebody without the permission is refused with its cause', async () => {
    const { server, trtc } = fakeClient();
    server.members = [bob(track('microphone'))];
    await trtc.enterRoom({ ...entry, autoReceiveAudio: false });
    server.refuse('subscribe', 'recvAudioDenied');
    const unmuted = trtc.muteRemoteAudio('bob', false);
    await expect(unmuted).rejects.toMatchObject({ code: 5400, cause: 'recvAudioDenied' });
  });

  test('the volume is kept for those who come later', async () => {
    const { server, platform, trtc } = await clientWithBob(track('microphone'));
    trtc.setRemoteAudioVolume('*', 50);
    server.offer('bob', 'microphone', 'c1');
    await settled();
    expect(platform.audioPlayers[0]?.volume).toBe(0.5);
    trtc.setRemoteAudioVolume('bob', 0);
    expect(platform.audioPlayers[0]?.volume).toBe(0);
    expect(() => trtc.setRemoteAudioVolume('bob', -1)).toThrow(expect.objectContaining({ extraCode: 5006 }));
  });
});

test('a sound whose packets come too late waits longer, and is left to the browser when they come in time', async () => {
  const { trtc, server, platform } = await clientWithBob(track('microphone'));
  const [receiving] = platform.handlers;
  if (!receiving) throw new Error('no transport');
  const rtpReceiver = { jitterBufferTarget: null };
  const receive = receiving.receive.bind(receiving);
  receiving.receive = async (options) => {
    const received = await receive(options);
    return received.map((one) => ({ ...one, rtpReceiver: rtpReceiver as unknown as RTCRtpReceiver }));
  };
  server.offer('bob', 'microphone', 'c1');
  await settled();
  let late = 0;
  receiving.getTransportStats = async () => {
    const trackIdentifier = trtc.getAudioTrack('bob')?.id;
    const sound = { type: 'inbound-rtp', kind: 'audio', trackIdentifier, packetsDiscarded: late };
    return new Map([['a', sound]]) as unknown as RTCStatsReport;
  };
  receiving.setConnectionState('connected');
  const pass = async (seconds: number, lateEach: number) => {
    for (let second = 0; second < seconds; second += 1) {
      late += lateEach;
      platform.timers.advance(1000);
      await settled();
    }
  };
  await pass(3, 2);
  expect(rtpReceiver.jitterBufferTarget).toBe(200);
  await pass(30, 0);
  expect(rtpReceiver.jitterBufferTarget).toBeNull();
  await trtc.exitRoom();
});

describe('video', () => {
  test('is received when it is asked for, and shown when it comes', async () => {
    const { server, platform, trtc, heard } = await clientWithBob(track('camera'));
    const view = platform.element('bob');
    const started = trtc.startRemoteVideo({ ...main, view: 'bob', option: { small: true } });
    await settled();
    expect(server.askedFor('subscribe')).toEqual([{ userId: 'bob', slot: 'camera', spatialLayer: 0 }]);
    server.offer('bob', 'camera', 'c1');
    await started;
    expect(platform.videoPlayers.at(-1)).toMatchObject({ views: [view], track: trtc.getVideoTrack(main) });
    expect(heard('track')).toMatchObject([{ userId: 'bob', streamType: 'main' }]);
  });

  test('an update changes what it names, and asks for layers only when they change', async () => {
    const { server, platform, trtc } = await clientWithBob(track('screen'));
    const sub = { userId: 'bob', streamType: 'sub' as const };
    const started = trtc.startRemoteVideo(sub);
    await settled();
    server.offer('bob', 'screen', 'c1');
    await started;
    await trtc.updateRemoteVideo({ ...sub, view: platform.element('there'), option: { fillMode: 'fill' } });
    expect(platform.videoPlayers.at(-1)?.style).toEqual({ fillMode: 'fill', mirror: false });
    expect(server.askedFor('subscribe')).toHaveLength(1);
    await trtc.updateRemoteVideo({ ...sub, option: { small: true } });
    await trtc.updateRemoteVideo({ ...sub, option: { small: false } });
    expect(server.askedFor('subscribe').map(({ spatialLayer }) => spatialLayer)).toEqual([2, 0, 2]);
    expect(platform.videoPlayers.at(-1)?.style?.fillMode).toBe('fill');
  });

  test('stopping shows and receives nothing more', async () => {
    const { server, platform, trtc } = await clientWithBob(track('camera'));
    const started = trtc.startRemoteVideo(main);
    await settled();
    server.offer('bob', 'camera', 'c1');
    await started;
    await trtc.stopRemoteVideo({ userId: '*' });
    expect(server.askedFor('unsubscribe')).toEqual([{ userId: 'bob', slot: 'camera' }]);
    expect(platform.videoPlayers.at(-1)?.closed).toBe(true);
    await trtc.stopRemoteVideo(main);
    expect(server.askedFor('unsubscribe')).toHaveLength(1);
  });

  test('a video that is muted stops by itself and comes back without a new subscription', async () => {
    const { server, platform, trtc } = await clientWithBob(track('camera'));
    const started = trtc.startRemoteVideo(main);
    await settled();
    server.offer('bob', 'camera', 'c1');
    await started;
    const mute = (muted: boolean) =>
      server.notify('trackMuted', { seq: 1, userId: 'bob', trackId: 'bob-camera', slot: 'camera', muted });
    mute(true);
    expect(platform.videoPlayers.at(-1)?.closed).toBe(true);
    expect(server.askedFor('unsubscribe')).toEqual([]);
    mute(false);
    await trtc.startRemoteVideo(main);
    expect(platform.videoPlayers.at(-1)).toMatchObject({ closed: false, track: trtc.getVideoTrack(main) });
  });

  test('a video that ends before it came is given up', async () => {
    const { server, trtc } = await clientWithBob(track('camera'));
    const started = trtc.startRemoteVideo(main);
    const refused = expect(started).rejects.toMatchObject({ code: 5998, cause: 'aborted' });
    await settled();
    server.notify('trackRemoved', { seq: 1, userId: 'bob', trackId: 'bob-camera', slot: 'camera' });
    await refused;
    expect(server.askedFor('unsubscribe')).toHaveLength(1);
  });

  test('a video that never comes is given up in the end', async () => {
    const { platform, trtc } = await clientWithBob(track('camera'));
    const started = trtc.startRemoteVideo(main);
    const refused = expect(started).rejects.toMatchObject({ code: 5500, cause: 'mediaTimeout' });
    await settled();
    platform.timers.advance(10_000);
    await refused;
    expect(platform.videoPlayers.at(-1)?.closed).toBe(true);
  });

  test('what cannot be had is refused with its reason', async () => {
    const outside = fakeClient();
    await expect(outside.trtc.startRemoteVideo(main)).rejects.toMatchObject({ code: 5100, extraCode: 5101 });
    const { trtc, server } = await clientWithBob(track('camera'));
    const eve = trtc.startRemoteVideo({ ...main, userId: 'eve' });
    await expect(eve).rejects.toMatchObject({ code: 5100, extraCode: 5102 });
    const sub = trtc.startRemoteVideo({ ...main, streamType: 'sub' });
    await expect(sub).rejects.toMatchObject({ code: 5100, extraCode: 5103 });
    const nowhere = trtc.startRemoteVideo({ ...main, view: 'nowhere' });
    await expect(nowhere).rejects.toMatchObject({ code: 5000, extraCode: 5009 });
    server.refuse('subscribe', 'recvVideoDenied');
    await expect(trtc.startRemoteVideo(main)).rejects.toMatchObject({
      code: 5400,
      extraCode: -102019,
      cause: 'recvVideoDenied',
    });
  });
});

describe('a picture that does not fit through the link', () => {
  test('is told as paused, and as playing when it fits again', async () => {
    const { server, trtc, heard } = await clientWithBob(track('camera'));
    const started = trtc.startRemoteVideo(main);
    await settled();
    server.offer('bob', 'camera', 'c1');
    await started;
    server.wait('c1', true);
    server.wait('c1', false);
    expect(heard('video-play-state-changed')).toEqual([
      { ...main, state: 'PAUSED', reason: 'pause' },
      { ...main, state: 'PLAYING', reason: 'playing' },
    ]);
  });

  /** A client that shows bob's camera, whose picture waits. */
  async function clientThatWaits() {
    const client = await clientWithBob(track('camera'));
    const started = client.trtc.startRemoteVideo(main);
    await settled();
    client.server.offer('bob', 'camera', 'c1');
    await started;
    client.server.wait('c1', true);
    return { ...client, states: () => client.heard('video-play-state-changed') };
  }

  const paused = { ...main, state: 'PAUSED', reason: 'pause' };
  const playing = { ...main, state: 'PLAYING', reason: 'playing' };

  test.each([
    ['its media was lost while the connection was away', () => {}],
    ['the room had to be entered again', ({ server }) => server.refuse('resume', 'resumeRefused')],
  ] as [string, (client: Awaited<ReturnType<typeof clientThatWaits>>) => void][])(
    'is told as playing when it comes again after %s',
    async (_, lose) => {
      const client = await clientThatWaits();
      const { server, platform, states } = client;
      server.drop();
      server.loseMedia();
      lose(client);
      platform.timers.advance(10);
      await settled();
      server.offer('bob', 'camera', 'c2');
      await settled();
      expect(states()).toEqual([paused, playing]);
      server.wait('c2', true);
      server.wait('c2', false);
      expect(states().slice(2)).toEqual([paused, playing]);
    },
  );

  test('is not told as playing when it comes again and does not fit either', async () => {
    const { server, states } = await clientThatWaits();
    server.loseMedia();
    await settled();
    server.offer('bob', 'camera', 'c2');
    server.wait('c2', true);
    await settled();
    expect(states()).toEqual([paused, paused]);
  });

  test('is forgotten when its consumer is closed, and when its user leaves', async () => {
    const { server, trtc, states } = await clientThatWaits();
    server.close('c1');
    server.offer('bob', 'camera', 'c2');
    await settled();
    server.wait('c2', true);
    server.notify('memberLeft', { seq: 1, userId: 'bob', reason: 'exit' });
    server.notify('memberEntered', { seq: 2, member: bob(track('camera')) });
    const started = trtc.startRemoteVideo(main);
    await settled();
    server.offer('bob', 'camera', 'c3');
    await started;
    expect(states()).toEqual([paused, paused]);
  });

  test('is not told to an app that does not show it', async () => {
    const { server, heard } = await clientWithBob(track('screen'));
    server.offer('bob', 'screen', 'c1');
    await settled();
    server.wait('c1', true);
    expect(heard('video-play-state-changed')).toEqual([]);
  });
});

test('what the browser does not play without a gesture is an event that can resume', async () => {
  const { server, platform, heard } = await clientWithBob(track('microphone'));
  server.offer('bob', 'microphone', 'c1');
  await settled();
  let resumed = 0;
  platform.audioPlayers[0]?.hooks.onBlocked(async () => {
    resumed += 1;
  });
  const [failed] = heard('autoplay-failed') as {
    userId: string;
    mediaType: string;
    resume(): Promise<void>;
  }[];
  expect(failed).toMatchObject({ userId: 'bob', mediaType: 'audio' });
  await failed?.resume();
  expect(resumed).toBe(1);
});

describe('a picture whose packets come and of which nothing is decoded', () => {
  /** A member who watches bob's camera, of which the browser counts what it is told. */
  async function watching() {
    const client = await clientWithBob(track('camera'));
    return { ...client, pass: await watch(client) };
  }

  async function watch({ trtc, server, platform }: Awaited<ReturnType<typeof clientWithBob>>) {
    const started = trtc.startRemoteVideo({ ...main, option: { small: true } });
    await settled();
    server.offer('bob', 'camera', 'c1');
    await started;
    const counted = { packets: 0, frames: 0 };
    const receiving = platform.handlers.at(-1);
    if (!receiving) throw new Error('no transport');
    receiving.getTransportStats = async () => {
      const trackIdentifier = trtc.getVideoTrack(main)?.id;
      const { packets: packetsReceived, frames: framesDecoded } = counted;
      const picture = { type: 'inbound-rtp', kind: 'video', trackIdentifier, packetsReceived, framesDecoded };
      return new Map([['a', picture]]) as unknown as RTCStatsReport;
    };
    receiving.setConnectionState('connected');
    return async (seconds: number, frames: number) => {
      for (let second = 0; second < seconds; second += 1) {
        counted.packets += 30;
        counted.frames += frames;
        platform.timers.advance(1000);
        await settled();
      }
    };
  }

  test('is received anew, with the layer that the app asked for, and the app is told', async () => {
    const { server, pass, heard, trtc } = await watching();
    await pass(4, 0);
    expect(server.asked.slice(-2)).toEqual([
      { method: 'unsubscribe', params: { userId: 'bob', slot: 'camera' } },
      { method: 'subscribe', params: { userId: 'bob', slot: 'camera', spatialLayer: 0 } },
    ]);
    expect(heard('remote-video-renewed')).toEqual([{ ...main, times: 1 }]);
    await pass(7, 0);
    expect(heard('remote-video-renewed').at(-1)).toEqual({ ...main, times: 2 });
    await trtc.exitRoom();
  });

  test.each([
    [
      'whose user left and came back',
      async ({ server }) => {
        server.notify('memberLeft', { seq: 1, userId: 'bob', reason: 'exit' });
        server.notify('memberEntered', { seq: 2, member: bob(track('camera')) });
      },
    ],
    [
      'in the next room',
      async ({ trtc }) => {
        await trtc.exitRoom();
        await trtc.enterRoom(entry);
      },
    ],
  ] as [string, (client: Awaited<ReturnType<typeof watching>>) => Promise<void>][])(
    '%s is received anew as soon as for the first time',
    async (_, again) => {
      const client = await watching();
      await client.pass(4, 0);
      await again(client);
      const pass = await watch(client);
      await pass(4, 0);
      expect(client.heard('remote-video-renewed')).toEqual([
        { ...main, times: 1 },
        { ...main, times: 1 },
      ]);
      await client.trtc.exitRoom();
    },
  );

  test('is left alone while it is decoded', async () => {
    const { server, pass, heard } = await watching();
    await pass(30, 1);
    expect(server.askedFor('unsubscribe')).toEqual([]);
    expect(heard('remote-video-renewed')).toEqual([]);
  });
});
