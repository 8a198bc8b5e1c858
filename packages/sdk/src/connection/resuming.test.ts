import type { MemberWire } from '@roomkey/protocol';
import { describe, expect, test } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';
import { explained } from '../signal/scripted-server.fixture.ts';

const bob: MemberWire = {
  userId: 'bob',
  role: 'anchor',
  tracks: [
    { trackId: 'bob-camera', slot: 'camera', muted: false },
    { trackId: 'bob-microphone', slot: 'microphone', muted: false },
  ],
};

/** Whether a transport's browser side has ended. */
const isClosed = (handler: object): unknown => Reflect.get(handler, '_closed');

const states = (changes: unknown[]) =>
  changes.map((change) => {
    const { state, isReconnecting } = change as { state: string; isReconnecting?: boolean };
    return isReconnecting ? `${state} again` : state;
  });

/** A client that sends a camera and receives bob's camera and microphone, where seats are kept. */
async function call(scene: 'rtc' | 'live' = 'rtc', changesPerSecond = 1000) {
  const client = fakeClient();
  const { trtc, server, platform } = client;
  server.limits.changesPerSecond = changesPerSecond;
  server.members = [bob];
  server.seatSeconds = 30;
  await trtc.startLocalVideo();
  await trtc.enterRoom({ ...entry, scene, privateMapKey: 'key' });
  const started = trtc.startRemoteVideo({ userId: 'bob', streamType: 'main' });
  await settled();
  server.offer('bob', 'camera', 'c1');
  server.offer('bob', 'microphone', 'm1');
  await started;
  await settled();
  const before = { asked: server.asked.length, raised: client.raised.length };
  return {
    ...client,
    /** The connection breaks and, after the first wait, is there again. */
    broken: async () => {
      server.drop();
      await back();
    },
    back,
    /** So much time that the next connection which breaks is tried again at once. */
    held: async () => {
      platform.timers.advance(10_000);
      await settled();
    },
    asked: () => server.asked.slice(before.asked).map(({ method }) => method),
    since: () => client.raised.slice(before.raised).map(({ event }) => event),
  };

  async function back() {
    platform.timers.advance(10);
    await settled();
  }
}

describe('a connection that breaks', () => {
  test('is resumed: nothing is entered, opened or published again, and nothing stops', async () => {
    const { server, platform, broken, asked, since, heard } = await call();
    const [video] = platform.videoPlayers.slice(-1);
    const playing = video?.track;
    const transports = server.askedFor('openTransport').length;
    await broken();
    expect(asked().slice(0, 2)).toEqual(['resume', 'confirmResume']);
    expect(server.askedFor('enter')).toHaveLength(1);
    expect(server.askedFor('openTransport')).toHaveLength(transports);
    expect(server.askedFor('publish')).toHaveLength(1);
    expect(platform.handlers.map(isClosed)).toEqual([false, false]);
    expect(video?.track).toBe(playing);
    expect(states(heard('connection-state-changed')).slice(2)).toEqual([
      'DISCONNECTED',
      'CONNECTING again',
      'CONNECTED',
    ]);
    expect(new Set(since())).toEqual(new Set(['connection-state-changed']));
  });

  test('is resumed without new changes to make at once: the server counts them for the seat, and the resume too', async () => {
    const { trtc, server, platform, broken } = await call('rtc', 1);
    await trtc.updateLocalVideo({ mute: true });
    await broken();
    const unmuting = trtc.updateLocalVideo({ mute: false });
    await settled();
    expect(server.askedFor('setMuted')).toHaveLength(1);
    platform.timers.advance(1000);
    await settled();
    expect(server.askedFor('setMuted')).toHaveLength(1);
    platform.timers.advance(1000);
    await unmuting;
    expect(server.askedFor('setMuted')).toHaveLength(2);
  });

  test('is resumed with the newest secret each time, and each is confirmed', async () => {
    const { server, broken, held } = await call();
    await broken();
    await held();
    await broken();
    const [first, second] = server.askedFor('resume');
    expect(first).toEqual({ sdkAppId: 1, roomId: 7, memberId: 'me', secret: 'secret-1' });
    expect(second?.secret).not.toBe(first?.secret);
    expect(server.askedFor('confirmResume')[0]).toEqual({ secret: second?.secret });
    expect(server.askedFor('confirmResume')).toHaveLength(2);
  });

  test('is resumed with the old secret when the answer was lost, over a socket that is given up with its seat kept', async () => {
    const { server, platform, broken, back, heard } = await call();
    server.lostAnswers.add('resume');
    await broken();
    platform.timers.advance(10_000);
    await settled();
    expect(server.closes.at(-1)).toBe(4002);
    server.lostAnswers.clear();
    await back();
    await back();
    const secrets = server.askedFor('resume').map(({ secret }) => secret);
    expect(secrets).toEqual(['secret-1', 'secret-1']);
    expect(states(heard('connection-state-changed')).at(-1)).toBe('CONNECTED');
    expect(server.askedFor('enter')).toHaveLength(1);
  });

  test('is tried again while the server is away, for as long as the seat is kept; then the room is entered anew', async () => {
    const { server, platform, broken, back } = await call();
    server.down = true;
    await broken();
    platform.timers.advance(15_000);
    await settled();
    expect(platform.handlers.map(isClosed)).toEqual([false, false]);
    platform.timers.advance(15_000);
    await settled();
    server.down = false;
    await back();
    expect(server.askedFor('resume')).toEqual([]);
    expect(server.askedFor('enter')).toHaveLength(2);
    expect(server.askedFor('publish')).toHaveLength(2);
    expect(platform.handlers.slice(0, 2).map(isClosed)).toEqual([true, true]);
  });

  test('whose seat is gone is entered again at once', async () => {
    const { server, broken, heard } = await call();
    server.refuse('resume', 'resumeRefused');
    await broken();
    expect(server.askedFor('enter')).toHaveLength(2);
    expect(server.askedFor('publish')).toHaveLength(2);
    expect(states(heard('connection-state-changed')).slice(2)).toEqual([
      'DISCONNECTED',
      'CONNECTING again',
      'CONNECTED',
    ]);
    expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started', 'starting', 'started']);
  });

  test.each([
    [{ reason: 'kicked' }, 'banned'],
    [{ reason: 'banned', cause: 'banned' }, 'banned'],
    [{ reason: 'replaced' }, 'kick'],
    [{ reason: 'dismissed' }, 'room_disband'],
    [{ reason: 'revoked', cause: 'userSigRevoked' }, 'banned'],
  ] as const)('of a member who was put out meanwhile (%j) is not entered again', async (removed, reason) => {
    const { server, platform, broken, heard, trtc } = await call();
    server.refuse('resume', 'resumeRefused', { removed });
    await broken();
    expect(heard('kicked-out')).toMatchObject([{ reason }]);
    expect(server.askedFor('enter')).toHaveLength(1);
    expect([server.connections, platform.timers.waiting]).toEqual([0, 0]);
    expect(trtc.permissions).toBeNull();
  });

  test('of a member whose seat somebody else held too is entered again, with tickets', async () => {
    const { server, broken, heard } = await call();
    server.refuse('resume', 'resumeRefused', { removed: { reason: 'contested' } });
    await broken();
    expect(server.askedFor('enter')).toHaveLength(2);
    expect(heard('kicked-out')).toEqual([]);
  });

  test('to a server that stops is tried again', async () => {
    const { server, broken, back } = await call();
    server.refuse('resume', 'serverStopping');
    await broken();
    await back();
    expect(server.askedFor('resume')).toHaveLength(2);
    expect(server.askedFor('enter')).toHaveLength(1);
  });

  test.each(['tooManyChanges', 'tooManyRequests'] as const)(
    'that is refused with %s is tried again with the same secret: the member is not out',
    async (refusal) => {
      const { server, platform, broken, back, heard } = await call();
      for (let times = 0; times < 5; times++) server.refuse('resume', refusal);
      await broken();
      for (let times = 0; times < 5; times++) await back();
      expect(new Set(server.askedFor('resume').map(({ secret }) => secret))).toEqual(new Set(['secret-1']));
      expect(server.askedFor('resume')).toHaveLength(6);
      expect(server.askedFor('enter')).toHaveLength(1);
      expect(platform.handlers.map(isClosed)).toEqual([false, false]);
      expect(heard('kicked-out')).toEqual([]);
      expect(heard('error')).toEqual([]);
      expect(states(heard('connection-state-changed')).at(-1)).toBe('CONNECTED');
    },
  );

  test.each(['serverStopping', 'contested'] as const)(
    'after %s has no seat to come back to',
    async (reason) => {
      const { server, back } = await call();
      server.notify('removed', { reason });
      await back();
      expect(server.askedFor('resume')).toEqual([]);
      expect(server.askedFor('enter')).toHaveLength(2);
    },
  );

  test('where no seat is kept is entered again', async () => {
    const client = await clientInside();
    client.server.drop();
    client.platform.timers.advance(10);
    await settled();
    expect(client.server.askedFor('resume')).toEqual([]);
    expect(client.server.askedFor('enter')).toHaveLength(2);
  });
});

test('a connection that is given up before it had a seat is closed for good', async () => {
  const { trtc, server, platform } = fakeClient();
  server.lostAnswers.add('enter');
  const entering = trtc.enterRoom(entry);
  await settled();
  platform.timers.advance(10_000);
  await expect(entering).rejects.toMatchObject({ cause: 'connectionLost' });
  expect(server.closes).toEqual([undefined]);
});

describe('leaving while the connection is away', () => {
  test('takes the seat up to give it back, and ends', async () => {
    const { trtc, server, platform, asked, heard } = await call();
    server.drop();
    await trtc.exitRoom();
    expect(asked()).toEqual(['resume', 'confirmResume', 'exit']);
    expect([server.connections, platform.timers.waiting]).toEqual([0, 0]);
    expect(heard('publish-state-changed').at(-1)).toMatchObject({ state: 'stopped', reason: 'api-call' });
    expect(platform.handlers.map(isClosed)).toEqual([true, true]);
  });

  test.each([
    ['is not there', (server: { down: boolean }) => (server.down = true)],
    ['does not answer', (server: { silent: Set<string> }) => server.silent.add('resume')],
  ] as const)('ends in time when the server %s', async (_, fail) => {
    const { trtc, server, platform } = await call();
    server.drop();
    fail(server);
    const left = trtc.exitRoom();
    await settled();
    platform.timers.advance(2000);
    await left;
    expect([server.connections, platform.timers.waiting]).toEqual([0, 0]);
    await trtc.enterRoom(entry).catch(() => {});
  });

  test('ends an attempt that is under way', async () => {
    const { trtc, server, platform, broken } = await call();
    server.lostAnswers.add('resume');
    await broken();
    server.lostAnswers.clear();
    await trtc.exitRoom();
    expect(server.asked.at(-1)?.method).toBe('exit');
    expect([server.connections, platform.timers.waiting]).toEqual([0, 0]);
  });
});

describe('what happened meanwhile is made up for', () => {
  test('members who came and went', async () => {
    const { server, broken, since, heard } = await call();
    server.members = [{ userId: 'eve', role: 'anchor', tracks: [] }];
    await broken();
    expect(since().filter((event) => event.startsWith('remote-'))).toEqual([
      'remote-audio-unavailable',
      'remote-video-unavailable',
      'remote-user-exit',
      'remote-user-enter',
    ]);
    expect(heard('remote-user-exit')).toMatchObject([{ userId: 'bob' }]);
  });

  test('tracks of others: one muted, one new', async () => {
    const { server, broken, since } = await call();
    const [camera] = bob.tracks;
    if (!camera) throw new Error('no camera');
    const screen = { trackId: 'bob-screen', slot: 'screen', muted: false } as const;
    server.members = [{ ...bob, tracks: [{ ...camera, muted: true }, screen] }];
    await broken();
    expect(since().filter((event) => event.startsWith('remote-'))).toEqual([
      'remote-audio-unavailable',
      'remote-video-unavailable',
      'remote-video-available',
    ]);
  });

  test('consumers: one gone, one new, one whose readiness was not heard', async () => {
    const { trtc, server, platform, broken, asked } = await call();
    server.drop();
    server.close('c1');
    server.offer('bob', 'screenAudio', 's1');
    server.members = [
      { ...bob, tracks: [...bob.tracks, { trackId: 's', slot: 'screenAudio', muted: false }] },
    ];
    await broken();
    expect(trtc.getVideoTrack({ userId: 'bob', streamType: 'main' })).toBeFalsy();
    expect(platform.videoPlayers.at(-1)?.track).toBeNull();
    expect(server.askedFor('consumerReady').at(-1)).toEqual({ consumerId: 's1' });
    expect(asked().filter((method) => method === 'consumerReady')).toHaveLength(1);
    expect(trtc.getAudioTrack({ userId: 'bob', streamType: 'sub' })).toBeTruthy();
  });

  test('a picture that waits for a wider link since, or waits no more', async () => {
    const { server, broken, back, held, heard } = await call();
    const meanwhile = async (waiting: boolean) => {
      await held();
      server.drop();
      server.wait('c1', waiting);
      await back();
    };
    await meanwhile(true);
    const paused = { userId: 'bob', streamType: 'main', state: 'PAUSED', reason: 'pause' };
    expect(heard('video-play-state-changed')).toEqual([paused]);
    await held();
    await broken();
    expect(heard('video-play-state-changed')).toHaveLength(1);
    await meanwhile(false);
    const playing = { ...paused, state: 'PLAYING', reason: 'playing' };
    expect(heard('video-play-state-changed')).toEqual([paused, playing]);
  });

  test('a consumer whose readiness was lost on the way is ready again', async () => {
    const client = fakeClient();
    const { server, platform } = client;
    server.members = [bob];
    server.seatSeconds = 30;
    await client.trtc.enterRoom(entry);
    await settled();
    server.silent.add('consumerReady');
    server.offer('bob', 'microphone', 'm1');
    await settled();
    server.silent.clear();
    server.drop();
    platform.timers.advance(10);
    await settled();
    expect(server.askedFor('consumerReady')).toEqual([{ consumerId: 'm1' }, { consumerId: 'm1' }]);
  });

  test('permissions, with what was and what is', async () => {
    const { server, broken, heard, trtc } = await call();
    server.explanation = explained(255 & ~16, 'sendVideo');
    server.resumeWith = {
      tracks: [],
      closed: [
        {
          trackId: server.tracks[0]?.trackId ?? '',
          slot: 'camera',
          cause: 'sendVideoDenied',
          message: 'No.',
        },
      ],
    };
    await broken();
    expect(heard('permission-changed')).toMatchObject([
      { before: 255, after: 239, reasons: [{ permission: 'sendVideo' }] },
    ]);
    expect(heard('publish-state-changed').at(-1)).toMatchObject({
      mediaType: 'video',
      state: 'stopped',
      reason: 'error',
      error: { cause: 'sendVideoDenied' },
    });
    expect(server.askedFor('publish')).toHaveLength(1);
    expect(trtc.permissions?.effective).toBe(239);
  });

  test('what keeps a permission away, and nothing when only the time is another', async () => {
    const { server, broken, heard } = await call();
    const { cleared } = explained(255, 'sendVideo');
    server.explanation = explained(255, 'sendVideo');
    await broken();
    expect(heard('permission-changed')).toMatchObject([
      { before: 255, after: 255, reasons: [{ permission: 'sendVideo' }] },
    ]);
    server.explanation = { ...server.explanation, cleared: cleared.map((one) => ({ ...one, since: 7 })) };
    await broken();
    expect(heard('permission-changed')).toHaveLength(1);
  });

  test('a role whose change was not answered', async () => {
    const { trtc, server, broken, held } = await call('live');
    server.lostAnswers.add('switchRole');
    const switching = trtc.switchRole('audience');
    await settled();
    server.drop();
    await expect(switching).rejects.toMatchObject({ cause: 'connectionLost' });
    await broken();
    expect(server.askedFor('resume')).toHaveLength(1);
    expect(server.tracks).toEqual([]);
    await held();
    server.refuse('resume', 'resumeRefused');
    await broken();
    expect(server.askedFor('enter').at(-1)).toMatchObject({ role: 'audience' });
  });
});

describe('what this user wanted meanwhile is done', () => {
  test('a track that is started is published', async () => {
    const { trtc, server, back } = await call();
    server.drop();
    await trtc.startLocalAudio();
    await back();
    expect(server.tracks.map(({ slot }) => slot)).toEqual(['camera', 'microphone']);
  });

  test('a track whose publication was not answered is published once', async () => {
    const { trtc, server, broken } = await call();
    server.lostAnswers.add('publish');
    const starting = trtc.startLocalAudio();
    await settled();
    server.lostAnswers.clear();
    const lost = server.tracks.find(({ slot }) => slot === 'microphone')?.trackId;
    await broken();
    await starting;
    expect(server.askedFor('unpublish')).toEqual([{ trackId: lost }]);
    expect(server.tracks.map(({ slot }) => slot)).toEqual(['camera', 'microphone']);
    expect(server.tracks.some(({ trackId }) => trackId === lost)).toBe(false);
  });

  test('a track that is stopped is ended', async () => {
    const { trtc, server, back, heard } = await call();
    server.drop();
    await trtc.stopLocalVideo();
    await back();
    expect(server.tracks).toEqual([]);
    expect(heard('publish-state-changed').at(-1)).toMatchObject({ state: 'stopped', reason: 'api-call' });
  });

  test('a track that is muted is muted', async () => {
    const { trtc, server, back } = await call();
    server.drop();
    await trtc.updateLocalVideo({ mute: true }).catch(() => {});
    await back();
    expect(server.tracks).toMatchObject([{ slot: 'camera', muted: true }]);
  });

  test('a video that is stopped is not sent any more', async () => {
    const { trtc, server, back } = await call();
    server.drop();
    await trtc.stopRemoteVideo({ userId: 'bob', streamType: 'main' });
    await back();
    expect(server.askedFor('unsubscribe')).toEqual([{ userId: 'bob', slot: 'camera' }]);
  });

  test('a sound that is muted is not sent any more', async () => {
    const { trtc, server, back } = await call();
    server.drop();
    await trtc.muteRemoteAudio('bob', true).catch(() => {});
    await back();
    expect(server.askedFor('unsubscribe')).toEqual([
      { userId: 'bob', slot: 'microphone' },
      { userId: 'bob', slot: 'screenAudio' },
    ]);
  });

  test('a subscription that the server may not have received is sent again', async () => {
    const { trtc, server, broken } = await call();
    await trtc.muteRemoteAudio('bob', true);
    server.silent.add('subscribe');
    const unmuting = trtc.muteRemoteAudio('bob', false).catch(() => {});
    await settled();
    server.silent.clear();
    const before = server.askedFor('subscribe').length;
    await broken();
    await unmuting;
    const again = server.askedFor('subscribe').slice(before);
    expect(again.map(({ slot }) => slot)).toContain('microphone');
  });
});

describe('media', () => {
  test('that was lost with its worker meanwhile comes back as the same tracks, with their mute state', async () => {
    const { trtc, server, platform, back, heard } = await call();
    await trtc.updateLocalVideo({ mute: true });
    const [track] = server.tracks;
    server.drop();
    server.loseMedia();
    await back();
    await settled();
    expect(server.askedFor('publish').at(-1)).toMatchObject({
      slot: 'camera',
      trackId: track?.trackId,
      muted: true,
    });
    expect(
      server
        .askedFor('openTransport')
        .map(({ direction }) => direction)
        .slice(-2)
        .sort(),
    ).toEqual(['recv', 'send']);
    expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started']);
    server.offer('bob', 'camera', 'c2');
    await settled();
    expect(platform.videoPlayers.at(-1)?.track).toBe(
      trtc.getVideoTrack({ userId: 'bob', streamType: 'main' }),
    );
  });

  test('whose fingerprint was lost on the way is connected', async () => {
    const client = fakeClient();
    const { server, platform } = client;
    server.seatSeconds = 30;
    server.silent.add('connectTransport');
    await client.trtc.enterRoom(entry);
    await client.trtc.startLocalAudio();
    await settled();
    server.silent.clear();
    server.drop();
    platform.timers.advance(10);
    await settled();
    const [first, again] = server.askedFor('connectTransport');
    expect(again).toEqual(first);
  });

  test('whose fingerprint the server has, though its answer was lost, is not connected again', async () => {
    const { trtc, server, platform } = fakeClient();
    server.seatSeconds = 30;
    server.lostAnswers.add('connectTransport');
    await trtc.enterRoom(entry);
    await trtc.startLocalAudio();
    await settled();
    server.drop();
    for (const ms of [10, 1000]) {
      platform.timers.advance(ms);
      await settled();
    }
    expect([server.askedFor('resume').length, server.askedFor('connectTransport').length]).toEqual([1, 1]);
  });

  test('whose path was lost with the signaling is restarted when it is back', async () => {
    const { server, platform, back, heard } = await call();
    server.drop();
    for (let times = 0; times < 5; times++) {
      platform.handlers[0]?.setConnectionState('failed');
      platform.handlers[0]?.setConnectionState('connecting');
    }
    await back();
    expect(server.askedFor('restartIce')).toHaveLength(1);
    expect(heard('error')).toEqual([]);
  });
});

describe('a connection that is silent while media is lost', () => {
  /** A call whose network is away, as the browser has just seen. */
  async function cut() {
    const client = await call();
    const { server, platform } = client;
    platform.handlers[0]?.setConnectionState('connected');
    server.lost = true;
    const opened = server.urls.length;
    platform.handlers[0]?.setConnectionState('disconnected');
    await settled();
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        platform.timers.advance(100);
        await settled();
      }
    };
    return {
      ...client,
      pass,
      opened: () => server.urls.length - opened,
      states: () => states(client.heard('connection-state-changed')).slice(2),
    };
  }

  test('gets a second, then another is tried, and at least one each second', async () => {
    const { pass, opened, states } = await cut();
    await pass(900);
    expect(opened()).toBe(0);
    await pass(100);
    expect(opened()).toBe(1);
    expect(states()).toEqual([]);
    await pass(1000);
    expect([opened(), states()]).toEqual([2, []]);
    await pass(2000);
    expect(states()).toEqual(['DISCONNECTED', 'CONNECTING again']);
    const before = opened();
    await pass(4100);
    expect(opened() - before).toBeGreaterThanOrEqual(4);
  });

  test('is closed with its seat kept: the server hears it where only the other direction is cut', async () => {
    const { server, pass, states } = await cut();
    await pass(3900);
    expect(server.closes).not.toContain(4002);
    await pass(100);
    expect(states()).toEqual(['DISCONNECTED', 'CONNECTING again']);
    expect(server.closes.at(-1)).toBe(4002);
  });

  test('is tried more seldom after some attempts: a browser holds back a page whose attempts fail', async () => {
    const { pass, opened } = await cut();
    await pass(15_000);
    const before = opened();
    await pass(20_000);
    expect(opened() - before).toBeLessThanOrEqual(4);
  });

  test('is found out where nothing is received or sent, when the computer comes into another network', async () => {
    const client = fakeClient();
    const { trtc, server, platform, heard } = client;
    server.seatSeconds = 30;
    await trtc.enterRoom(entry);
    await settled();
    server.lost = true;
    for (const listener of platform.networkListeners) listener();
    await settled();
    platform.timers.advance(1000);
    server.lost = false;
    await settled();
    platform.timers.advance(0);
    await settled();
    expect(server.askedFor('resume')).toHaveLength(1);
    expect(states(heard('connection-state-changed')).at(-1)).toBe('CONNECTED');
    await trtc.exitRoom();
  });

  test('is resumed as soon as the network is there, and ICE is restarted', async () => {
    const { server, pass, states } = await cut();
    await pass(20_000);
    server.lost = false;
    const restarts = server.askedFor('restartIce').length;
    // The attempt that is under way may be one that has five seconds.
    await pass(5100);
    expect(states()).toEqual(['DISCONNECTED', 'CONNECTING again', 'CONNECTED']);
    expect(server.askedFor('enter')).toHaveLength(1);
    expect(server.askedFor('restartIce')).toHaveLength(restarts + 1);
  });

  test('is given up for the other one only when that is welcomed first', async () => {
    const { server, pass, opened, states } = await cut();
    await pass(1000);
    server.lost = false;
    await pass(1100);
    expect(opened()).toBe(2);
    expect(states()).toEqual(['DISCONNECTED', 'CONNECTING again', 'CONNECTED']);
  });

  test('stays when it answers before the other one', async () => {
    const { trtc, server, pass, opened, states } = await cut();
    await pass(1000);
    server.lost = false;
    await trtc.updateLocalVideo({ mute: true });
    await pass(3000);
    expect([opened(), server.connections]).toEqual([1, 1]);
    expect(states()).toEqual([]);
    expect(server.askedFor('resume')).toEqual([]);
  });

  test('gets no longer than the first time, once media got through in between', async () => {
    const { trtc, server, platform, pass, opened } = await cut();
    await pass(1000);
    server.lost = false;
    await trtc.updateLocalVideo({ mute: true });
    platform.handlers[0]?.setConnectionState('connected');
    server.lost = true;
    platform.handlers[0]?.setConnectionState('disconnected');
    await pass(900);
    expect(opened()).toBe(1);
    await pass(100);
    expect(opened()).toBe(2);
  });

  test('is not replaced again and again by a server that answers slowly', async () => {
    const { server, pass } = await cut();
    server.silent.add('restartIce');
    server.lost = false;
    await pass(30_000);
    expect(server.askedFor('resume').length).toBeLessThanOrEqual(5);
  });

  test('where no seat is kept is not given up for it', async () => {
    const { server, platform, heard } = await clientInside();
    server.silent.add('restartIce');
    platform.handlers[0]?.setConnectionState('disconnected');
    await settled();
    platform.timers.advance(5000);
    await settled();
    expect(server.urls).toHaveLength(1);
    expect(states(heard('connection-state-changed')).at(-1)).toBe('CONNECTED');
  });

  test('leaves nothing behind when the room is left', async () => {
    const { trtc, server, platform, pass } = await cut();
    await pass(1500);
    const left = trtc.exitRoom();
    await settled();
    platform.timers.advance(2000);
    await left;
    expect([server.connections, platform.timers.waiting, platform.networkListeners.size]).toEqual([0, 0, 0]);
  });
});

test('the secret is in no event, no error and no URL', async () => {
  const { server, broken, raised } = await call();
  server.refuse('resume', 'resumeRefused');
  await broken();
  expect(JSON.stringify([raised, server.urls])).not.toContain('secret-');
});
