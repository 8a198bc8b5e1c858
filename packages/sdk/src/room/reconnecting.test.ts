import type { MemberWire } from '@roomkey/protocol';
import { describe, expect, test } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';

const bob: MemberWire = {
  userId: 'bob',
  role: 'anchor',
  tracks: [{ trackId: 'bob-camera', slot: 'camera', muted: false }],
};

const states = (changes: unknown[]) =>
  changes.map((change) => {
    const { state, isReconnecting } = change as { state: string; isReconnecting?: boolean };
    return isReconnecting ? `${state} again` : state;
  });

/** A client that publishes a camera and watches bob's, whose connection then breaks and comes back. */
async function clientThatCameBack() {
  const client = fakeClient();
  const { trtc, server, platform } = client;
  server.members = [bob];
  await trtc.startLocalVideo();
  await trtc.enterRoom({ ...entry, privateMapKey: 'key' });
  const started = trtc.startRemoteVideo({ userId: 'bob', streamType: 'main' });
  await settled();
  server.offer('bob', 'camera', 'c1');
  await started;
  const raisedBefore = client.raised.length;
  server.drop();
  return {
    ...client,
    back: async () => {
      platform.timers.advance(10);
      await settled();
    },
    since: () => client.raised.slice(raisedBefore),
  };
}

test('a connection that breaks comes back with the same tickets, tracks and videos', async () => {
  const { server, heard, back, platform, trtc } = await clientThatCameBack();
  expect(states(heard('connection-state-changed')).slice(2)).toEqual(['DISCONNECTED', 'CONNECTING again']);
  await back();
  expect(states(heard('connection-state-changed')).slice(4)).toEqual(['CONNECTED']);
  const [first, second] = server.askedFor('enter');
  expect(second).toEqual(first);
  expect(server.askedFor('publish').map(({ slot, trackId }) => [slot, trackId])).toEqual([
    ['camera', undefined],
    ['camera', undefined],
  ]);
  expect(server.askedFor('subscribe')).toHaveLength(2);
  server.offer('bob', 'camera', 'c2');
  await settled();
  expect(platform.videoPlayers.at(-1)?.track).toBe(trtc.getVideoTrack({ userId: 'bob', streamType: 'main' }));
  expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started', 'starting', 'started']);
});

test('who is still there is not announced twice, who went meanwhile has left', async () => {
  const { server, back, since } = await clientThatCameBack();
  server.members = [{ userId: 'eve', role: 'anchor', tracks: [] }];
  await back();
  const events = since().map(({ event }) => event);
  expect(events.filter((event) => event.startsWith('remote-'))).toEqual([
    'remote-video-unavailable',
    'remote-user-exit',
    'remote-user-enter',
  ]);
});

test('attempts go on while the server is away', async () => {
  const { server, back, heard } = await clientThatCameBack();
  server.down = true;
  await back();
  await back();
  server.down = false;
  await back();
  expect(states(heard('connection-state-changed')).slice(2)).toEqual([
    'DISCONNECTED',
    'CONNECTING again',
    'CONNECTED',
  ]);
});

test('when no attempt is left the room is lost, with the cause', async () => {
  const client = await clientInside({}, { reconnectPolicy: { delayBefore: (n) => (n > 2 ? null : 10) } });
  client.server.down = true;
  client.server.drop();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    client.platform.timers.advance(10);
    await settled();
  }
  expect(client.heard('error')).toMatchObject([{ code: 5500, extraCode: 5502, cause: 'connectionLost' }]);
  expect(states(client.heard('connection-state-changed')).at(-1)).toBe('DISCONNECTED');
  expect(client.platform.timers.waiting).toBe(0);
  await expect(client.trtc.startRemoteVideo({ userId: 'bob', streamType: 'main' })).rejects.toMatchObject({
    extraCode: 5101,
  });
});

test.each([
  ['privateMapKeyExpired', true],
  ['userSigExpired', true],
  ['roomFull', false],
  ['serverStopping', false],
  ['userAlreadyInside', false],
] as const)('a re-entry refused by %s is final: %s', async (code, final) => {
  const { server, back, heard } = await clientThatCameBack();
  server.refuse('enter', code);
  await back();
  const error = { code: 5500, extraCode: 5502, cause: code, originError: { cause: code } };
  expect(heard('error')).toMatchObject(final ? [error] : []);
  expect(heard('publish-state-changed').at(-1)).toMatchObject(
    final ? { state: 'stopped' } : { state: 'starting' },
  );
  await back();
  expect(server.connections).toBe(final ? 0 : 1);
});

describe('a server that takes the user in and drops it', () => {
  /** Milliseconds after each drop until the server is asked again, and how it is asked. */
  async function asked(seatSeconds: number, held: readonly number[]) {
    const client = fakeClient();
    const { trtc, server, platform } = client;
    server.seatSeconds = seatSeconds;
    await trtc.enterRoom(entry);
    const times = () => server.askedFor('enter').length + server.askedFor('resume').length;
    const waits: number[] = [];
    for (const ms of held) {
      platform.timers.advance(ms);
      await settled();
      server.drop();
      const before = times();
      let waited = 0;
      while (times() === before) {
        platform.timers.advance(10);
        waited += 10;
        await settled();
      }
      waits.push(waited);
    }
    return { ...client, waits };
  }

  test.each([0, 30])('is asked less and less often, with a seat of %i s', async (seatSeconds) => {
    const { waits, heard } = await asked(seatSeconds, [0, 0, 0, 0]);
    const [first = 0, second = 0, third = 0, fourth = 0] = waits;
    expect(first).toBe(10);
    for (const [wait, least] of [
      [second, 1000],
      [third, 2000],
      [fourth, 4000],
    ] as const) {
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThanOrEqual(least * 1.5 + 10);
    }
    expect(heard('error')).toEqual([]);
  });

  test('is asked at once again when the user was inside for a while', async () => {
    const { waits } = await asked(30, [0, 0, 10_000, 0]);
    expect(waits[1]).toBeGreaterThanOrEqual(1000);
    expect(waits[2]).toBe(10);
    expect(waits[3]).toBeGreaterThanOrEqual(1000);
  });

  test('is not asked at once where it refuses for good what the user needs inside', async () => {
    const { trtc, server, platform } = fakeClient();
    for (let times = 0; times < 100; times += 1) server.refuse('openTransport', 'invalidParams');
    await trtc.enterRoom(entry);
    for (let ms = 0; ms < 1500; ms += 10) {
      platform.timers.advance(10);
      await settled();
    }
    expect(server.askedFor('enter').length).toBeLessThanOrEqual(3);
    await trtc.exitRoom();
    expect(platform.timers.waiting).toBe(0);
  });
});

test('leaving while the connection is away ends the attempts', async () => {
  const { trtc, server, platform, heard } = await clientThatCameBack();
  await trtc.exitRoom();
  platform.timers.advance(1000);
  await settled();
  expect(server.askedFor('enter')).toHaveLength(1);
  expect(platform.timers.waiting).toBe(0);
  expect(heard('error')).toEqual([]);
  expect(heard('publish-state-changed').at(-1)).toMatchObject({ state: 'stopped', reason: 'api-call' });
});

test('what is started while the connection is away is published when it is back', async () => {
  const { trtc, server, back } = await clientThatCameBack();
  await trtc.startLocalAudio();
  await back();
  const slots = server.askedFor('publish').map(({ slot }) => slot);
  expect(slots.slice(1).sort()).toEqual(['camera', 'microphone']);
});

test('a server that stops is a connection that breaks', async () => {
  const { server, platform, heard } = await clientInside();
  server.notify('removed', { reason: 'serverStopping' });
  platform.timers.advance(10);
  await settled();
  expect(server.askedFor('enter')).toHaveLength(2);
  expect(heard('kicked-out')).toEqual([]);
});

test('whose place was taken is out, keeps its captures and may enter again', async () => {
  const { trtc, server, platform, raised, heard } = await clientInside();
  await trtc.startLocalAudio();
  server.notify('removed', { reason: 'replaced' });
  expect(heard('kicked-out')).toEqual([{ reason: 'kick' }]);
  expect(raised.at(-1)?.event).toBe('kicked-out');
  expect(heard('publish-state-changed').at(-1)).toMatchObject({
    state: 'stopped',
    error: { cause: 'kickedOut' },
  });
  expect(server.connections).toBe(0);
  expect(platform.timers.waiting).toBe(0);
  expect(platform.fakeDevices.captured[0]?.readyState).toBe('live');
  await trtc.enterRoom(entry);
});

describe('a media worker that died', () => {
  test('gets new transports, and the same tracks with their mute state', async () => {
    const { trtc, server, heard } = await clientInside();
    await trtc.startLocalAudio({ mute: true });
    const trackId = `track-${server.asked.length}`;
    server.notify('mediaLost', { trackIds: [trackId] });
    await settled();
    const opened = server.askedFor('openTransport').map(({ direction }) => direction);
    expect(opened).toEqual(['recv', 'send', 'recv', 'send']);
    expect(server.askedFor('publish').at(-1)).toMatchObject({ slot: 'microphone', trackId, muted: true });
    expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started']);
    await trtc.updateLocalAudio({ mute: false });
    expect(server.askedFor('setMuted')).toEqual([{ trackId, muted: false }]);
  });

  test('what the others send comes again by itself', async () => {
    const { server, platform } = await clientThatCameBack().then(async (client) => {
      await client.back();
      return client;
    });
    server.notify('mediaLost', { trackIds: [] });
    await settled();
    server.offer('bob', 'camera', 'c9');
    await settled();
    expect(server.askedFor('consumerReady').at(-1)).toEqual({ consumerId: 'c9' });
    expect(platform.videoPlayers.at(-1)?.track).not.toBeNull();
  });

  test('a track whose media engine does not answer is offered again', async () => {
    const { trtc, server, platform, heard } = await clientInside();
    server.refuse('publish', 'mediaUnavailable');
    await trtc.startLocalAudio();
    expect(states(heard('publish-state-changed'))).toEqual(['starting']);
    platform.timers.advance(1000);
    await settled();
    expect(states(heard('publish-state-changed'))).toEqual(['starting', 'started']);
  });
});

describe('what the media engine cannot do just now', () => {
  /** A member with a seat, who is told no so many times. */
  async function refused(method: 'openTransport' | 'connectTransport', times: number) {
    const client = fakeClient();
    const { trtc, server, platform } = client;
    server.seatSeconds = 30;
    await trtc.enterRoom(entry);
    await settled();
    for (let time = 0; time < times; time += 1) server.refuse(method, 'mediaUnavailable');
    const pass = async (ms: number) => {
      platform.timers.advance(ms);
      await settled();
    };
    return { ...client, pass, asked: () => server.askedFor(method).length };
  }

  test('is asked for again after a second, and the room is not entered again', async () => {
    const { server, heard, pass, asked } = await refused('openTransport', 3);
    server.loseMedia();
    await settled();
    for (const times of [2, 3, 4, 5, 5]) {
      expect(asked()).toBe(times);
      await pass(1000);
    }
    expect(server.askedFor('enter')).toHaveLength(1);
    expect(states(heard('connection-state-changed'))).toEqual(['CONNECTING', 'CONNECTED']);
  });

  test('is said again as the same, and no third time by who comes back meanwhile', async () => {
    const { trtc, server, pass } = await refused('connectTransport', 1);
    await trtc.startLocalAudio();
    await settled();
    expect(server.askedFor('connectTransport')).toHaveLength(1);
    server.drop();
    await pass(10);
    expect(server.askedFor('resume')).toHaveLength(1);
    await pass(1000);
    const [first, again, ...more] = server.askedFor('connectTransport');
    expect([again, more]).toEqual([first, []]);
  });

  test('is said again where nobody has to come back', async () => {
    const { trtc, server, pass, asked } = await refused('connectTransport', 2);
    await trtc.startLocalAudio();
    await settled();
    for (const times of [1, 2, 3, 3]) {
      expect(asked()).toBe(times);
      await pass(1000);
    }
    expect([server.askedFor('enter').length, server.askedFor('resume').length]).toEqual([1, 0]);
  });

  test('is asked for once a second, also by who came back meanwhile', async () => {
    const { server, pass, asked } = await refused('openTransport', 4);
    server.loseMedia();
    await settled();
    server.drop();
    await pass(10);
    const before = asked();
    await pass(995);
    expect(asked()).toBe(before);
    await pass(5);
    expect(asked()).toBe(before + 1);
  });

  test('is not waited for any more once the room is left', async () => {
    const { trtc, server, platform } = await refused('openTransport', 1);
    server.loseMedia();
    await settled();
    await trtc.exitRoom();
    expect(platform.timers.waiting).toBe(0);
  });
});

test('media that is refused for good is asked for in a new entry, not in the same seat', async () => {
  const { trtc, server, platform } = fakeClient();
  server.seatSeconds = 30;
  server.refuse('openTransport', 'invalidParams');
  await trtc.enterRoom(entry);
  platform.timers.advance(10);
  await settled();
  expect(server.askedFor('resume')).toEqual([]);
  expect(server.askedFor('enter')).toHaveLength(2);
  expect(platform.handlers).toHaveLength(1);
});

describe('a network path that is lost', () => {
  /** A member whose receiving path is lost before it ever worked. */
  async function withoutPath() {
    const client = await clientInside();
    await client.trtc.startLocalAudio();
    const [receiving] = client.platform.handlers;
    receiving?.setConnectionState('failed');
    receiving?.setConnectionState('connecting');
    await settled();
    const pass = async (ms: number) => {
      client.platform.timers.advance(ms);
      await settled();
    };
    return { ...client, receiving, pass, restarts: () => client.server.askedFor('restartIce').length };
  }

  test('is restarted, and given up when five restarts had their time and did not help', async () => {
    const { server, heard, pass, restarts } = await withoutPath();
    for (let restart = 1; restart <= 5; restart += 1) {
      expect(restarts()).toBe(restart);
      expect(heard('error')).toEqual([]);
      await pass(6000);
    }
    expect(heard('error')).toMatchObject([{ code: 5500, extraCode: 5501, cause: 'mediaPathFailed' }]);
    expect(server.connections).toBe(0);
  });

  test('is not given up for changes of state within the time of a restart', async () => {
    const { receiving, heard, restarts } = await withoutPath();
    for (let change = 0; change < 20; change += 1) {
      receiving?.setConnectionState(change % 2 ? 'connecting' : 'failed');
      await settled();
    }
    expect(restarts()).toBe(1);
    expect(heard('error')).toEqual([]);
  });

  test('is restarted again after a second when the server refuses', async () => {
    const { server, restarts, pass } = await withoutPath();
    server.refuse('restartIce', 'mediaUnavailable');
    await pass(6000);
    expect(restarts()).toBe(2);
    await pass(1000);
    expect(restarts()).toBe(3);
  });

  test('is restarted in each direction when the computer has come into another network, and not counted when it works', async () => {
    const { server, platform, heard } = await clientInside();
    const [receiving] = platform.handlers;
    receiving?.setConnectionState('connected');
    for (let change = 1; change <= 30; change += 1) {
      for (const listener of platform.networkListeners) listener();
      await settled();
      platform.timers.advance(6000);
      expect(server.askedFor('restartIce')).toHaveLength(change);
    }
    expect(heard('error')).toEqual([]);
  });

  test('is not taken for lost in another network while nothing is received or sent', async () => {
    const { server, platform, heard } = await clientInside();
    for (const listener of platform.networkListeners) listener();
    for (let step = 0; step < 20; step += 1) {
      await settled();
      platform.timers.advance(6000);
    }
    expect(server.askedFor('restartIce')).toHaveLength(1);
    expect(heard('error')).toEqual([]);
  });

  test('is not given up any more once the room is left', async () => {
    const { trtc, server, heard, pass } = await withoutPath();
    for (let restart = 1; restart < 5; restart += 1) await pass(6000);
    await pass(5000);
    server.silent.add('exit');
    const left = trtc.exitRoom();
    await settled();
    await pass(1500);
    await pass(500);
    await left;
    expect(heard('error')).toEqual([]);
  });

  test('that came back in between starts a new count', async () => {
    const { server, platform, heard } = await clientInside();
    const [receiving] = platform.handlers;
    for (let restart = 0; restart < 10; restart += 1) {
      receiving?.setConnectionState('disconnected');
      receiving?.setConnectionState('connected');
    }
    await settled();
    expect(server.askedFor('restartIce')).toHaveLength(10);
    expect(heard('error')).toEqual([]);
  });

  test('can be restarted by the app', async () => {
    const { trtc, server } = await clientInside();
    await trtc.startLocalAudio();
    await trtc.restartIce();
    expect(server.askedFor('restartIce')).toHaveLength(2);
  });
});
