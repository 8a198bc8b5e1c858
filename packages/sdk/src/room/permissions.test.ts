import { describe, expect, test } from 'vitest';
import { clientInside, entry, fakeClient, settled } from '../platform/fake-platform.fixture.ts';
import { explained } from '../signal/scripted-server.fixture.ts';

const live = { scene: 'live', privateMapKey: 'key-1' } as const;
const inLive = (role: 'anchor' | 'audience' = 'anchor') => clientInside({ ...live, role });

/** The names of the requests since the entry, without those that only set media up. */
const asked = ({ server }: Awaited<ReturnType<typeof clientInside>>) =>
  server.asked
    .map(({ method }) => method)
    .filter((method) => !['enter', 'openTransport', 'connectTransport'].includes(method));

const states = (changes: unknown[]) => changes.map((change) => (change as { state: string }).state);

describe('switchRole', () => {
  test('to the audience stops publishing before it asks, and keeps the capture', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    await client.trtc.switchRole('audience');
    expect(asked(client)).toEqual(['publish', 'unpublish', 'switchRole']);
    expect(client.server.askedFor('switchRole')).toEqual([{ role: 'audience' }]);
    expect(client.heard('publish-state-changed').at(-1)).toMatchObject({
      state: 'stopped',
      reason: 'api-call',
    });
    expect(client.platform.fakeDevices.captured[0]?.readyState).toBe('live');
  });

  test('to an anchor publishes again what was published, and what the role refused meanwhile', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    await client.trtc.switchRole('audience');
    await client.trtc.updateLocalAudio({ mute: true });
    client.server.refuse('publish', 'sendVideoDenied');
    const refused = client.trtc.startLocalVideo();
    await expect(refused).rejects.toMatchObject({ cause: 'sendVideoDenied' });
    await client.trtc.switchRole('anchor');
    await settled();
    const publishes = client.server.askedFor('publish').slice(2);
    expect(publishes).toMatchObject([
      { slot: 'microphone', muted: true },
      { slot: 'camera', muted: false },
    ]);
  });

  test('publishes nothing that was stopped, or never wanted, meanwhile', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    await client.trtc.startLocalVideo({ publish: false });
    await client.trtc.switchRole('audience');
    await client.trtc.stopLocalAudio();
    await client.trtc.switchRole('anchor');
    await settled();
    expect(client.server.askedFor('publish')).toHaveLength(1);
  });

  test('that is refused lets the media come back', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    client.server.refuse('switchRole', 'internal');
    await expect(client.trtc.switchRole('audience')).rejects.toMatchObject({
      cause: 'internal',
      functionName: 'switchRole',
    });
    await settled();
    expect(client.heard('publish-state-changed').at(-1)).toMatchObject({ state: 'started' });
  });

  test('to the current role asks all the same, with the new key', async () => {
    const client = await inLive();
    await client.trtc.switchRole('anchor', { privateMapKey: 'key-2', latencyLevel: 1 });
    expect(client.server.askedFor('switchRole')).toEqual([{ role: 'anchor', privateMapKey: 'key-2' }]);
  });

  test('exists in scene live only', async () => {
    const { trtc } = await clientInside();
    await expect(trtc.switchRole('audience')).rejects.toMatchObject({
      code: 5100,
      extraCode: 5100,
      cause: 'sceneNotLive',
    });
  });

  test('needs a room, and waits for an entry that is under way', async () => {
    const { trtc, server } = fakeClient();
    await expect(trtc.switchRole('audience')).rejects.toMatchObject({ code: 5100, extraCode: 5101 });
    const entering = trtc.enterRoom({ ...entry, ...live });
    await trtc.switchRole('audience');
    await entering;
    expect(server.askedFor('switchRole')).toHaveLength(1);
  });

  test.each([
    [undefined, {}, 5001],
    ['host', {}, 5005],
    ['anchor', { privateMapKey: 7 }, 5002],
    ['anchor', { privateMapKey: '' }, 5003],
    ['anchor', { latencyLevel: 'low' }, 5002],
  ])('refuses %s, %o with extra code %i', async (role, options, extraCode) => {
    const { trtc } = await inLive();
    const switching = trtc.switchRole(role as 'anchor', options as object);
    await expect(switching).rejects.toMatchObject({ code: 5000, extraCode });
  });

  test('that waits for the server is given up by exitRoom', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    client.server.silent.add('switchRole');
    const switching = client.trtc.switchRole('audience');
    const refused = expect(switching).rejects.toMatchObject({ code: 5998, cause: 'aborted' });
    await settled();
    await client.trtc.exitRoom();
    await refused;
    expect(client.server.askedFor('publish')).toHaveLength(1);
    await client.trtc.enterRoom(entry);
    await settled();
    expect(client.server.askedFor('publish')).toHaveLength(2);
  });
});

describe('the connection that comes back', () => {
  test('enters with the newest key, role and bits that the server took', async () => {
    const client = await inLive('audience');
    await client.trtc.switchRole('anchor', { privateMapKey: 'key-2' });
    await client.trtc.updatePrivateMapKey('key-3');
    client.server.refuse('updatePrivateMapKey', 'privateMapKeyForged');
    const refused = client.trtc.updatePrivateMapKey('key-4');
    await expect(refused).rejects.toMatchObject({
      code: 5400,
      extraCode: -100006,
      cause: 'privateMapKeyForged',
    });
    await client.trtc.changeAuthority(0x0fn);
    client.server.drop();
    client.platform.timers.advance(10);
    await settled();
    expect(client.server.askedFor('enter').at(-1)).toMatchObject({
      role: 'anchor',
      privateMapKey: 'key-3',
      authBits: '15',
    });
  });

  test('tells what changed while it was away', async () => {
    const client = await inLive();
    client.server.drop();
    client.server.explanation = explained(251, 'sendAudio');
    client.platform.timers.advance(10);
    await settled();
    expect(client.heard('permission-changed')).toMatchObject([{ before: 255, after: 251 }]);
  });

  test('is waited for by nobody: a change meanwhile is refused as one that may succeed later', async () => {
    const client = await inLive();
    client.server.drop();
    await expect(client.trtc.updatePrivateMapKey('key-2')).rejects.toMatchObject({
      code: 5400,
      extraCode: -3308,
      cause: 'connectionLost',
    });
  });
});

describe('updatePrivateMapKey', () => {
  test.each<[string, unknown?]>([
    ['updatePrivateMapKey', { privateMapKey: 'key-2' }],
    ['{"api":"updatePrivateMapKey","params":{"privateMapKey":"key-2"}}'],
  ])('goes through callExperimentalAPI %s', async (name, options) => {
    const { trtc, server } = await clientInside();
    await trtc.callExperimentalAPI(name, options);
    expect(server.askedFor('updatePrivateMapKey')).toEqual([{ privateMapKey: 'key-2' }]);
  });

  test.each<[unknown, unknown, number]>([
    [undefined, undefined, 5001],
    ['enableAudioFrameEvent', {}, 5005],
    ['{"api":"setFramework","params":{}}', undefined, 5005],
    ['{"api":', undefined, 5002],
    ['updatePrivateMapKey', undefined, 5001],
    ['updatePrivateMapKey', {}, 5001],
    ['{"api":"updatePrivateMapKey","params":{"privateMapKey":7}}', undefined, 5002],
  ])('callExperimentalAPI(%j, %j) is refused with extra code %i', async (name, options, extraCode) => {
    const { trtc, server } = await clientInside();
    const calling = trtc.callExperimentalAPI(name as string, options);
    await expect(calling).rejects.toMatchObject({
      code: 5000,
      extraCode,
      functionName: 'callExperimentalAPI',
    });
    expect(server.askedFor('updatePrivateMapKey')).toEqual([]);
  });

  test('refuses an empty key itself', async () => {
    const { trtc } = await clientInside();
    await expect(trtc.updatePrivateMapKey('')).rejects.toMatchObject({ code: 5000, extraCode: 5003 });
  });
});

describe('changeAuthority', () => {
  test('takes bits as number or bigint, and a key', async () => {
    const { trtc, server } = await clientInside();
    await trtc.changeAuthority(0xaa, { privateMapKey: 'key-2' });
    await trtc.changeAuthority(-1);
    await trtc.changeAuthority(2n ** 64n - 1n);
    expect(server.askedFor('changeAuthority')).toEqual([
      { authBits: 170, privateMapKey: 'key-2' },
      { authBits: -1 },
      { authBits: '18446744073709551615' },
    ]);
  });

  test.each([1.5, 256, -2, Number.NaN, 2n ** 64n])('refuses %s itself', async (bits) => {
    const { trtc, server } = await clientInside();
    await expect(trtc.changeAuthority(bits)).rejects.toMatchObject({ code: 5000, cause: 'authBitsIllegal' });
    expect(server.askedFor('changeAuthority')).toEqual([]);
  });

  test('of more than the key holds is the server’s refusal', async () => {
    const { trtc, server } = await clientInside();
    server.refuse('changeAuthority', 'authBitsBeyondHeld');
    await expect(trtc.changeAuthority(255)).rejects.toMatchObject({
      code: 5400,
      extraCode: -100006,
      cause: 'authBitsBeyondHeld',
    });
  });

  test('moves the role in scene live, and local media with it', async () => {
    const client = await inLive();
    await client.trtc.startLocalAudio();
    await client.trtc.changeAuthority(0xaa);
    expect(asked(client)).toEqual(['publish', 'unpublish', 'changeAuthority']);
    await client.trtc.changeAuthority(0xfe);
    await settled();
    expect(asked(client).slice(3)).toEqual(['changeAuthority', 'publish']);
  });

  test('leaves what is published alone in scene rtc', async () => {
    const client = await clientInside();
    await client.trtc.startLocalAudio();
    await client.trtc.changeAuthority(0xaa);
    expect(asked(client)).toEqual(['publish', 'changeAuthority']);
  });
});

describe('permission-changed', () => {
  test('comes when the permissions of the client are the new ones already', async () => {
    const client = await clientInside();
    const seen: unknown[] = [];
    client.trtc.on('permission-changed', () => seen.push(client.trtc.permissions?.effective));
    const explanation = explained(251, 'sendAudio');
    client.server.notify('permissionChanged', { before: 255, after: 251, explanation });
    expect(seen).toEqual([251]);
    expect(client.heard('permission-changed')).toEqual([
      { before: 255, after: 251, reasons: explanation.cleared },
    ]);
  });

  test('an answer that is older than what the server said since does not undo it', async () => {
    const client = await clientInside();
    const asking = client.trtc.updatePrivateMapKey('key-2');
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    client.server.notify('permissionChanged', {
      before: 255,
      after: 251,
      explanation: explained(251, 'sendAudio'),
    });
    await asking;
    expect(client.trtc.permissions?.effective).toBe(251);
  });

  test('an answer tells what no event told', async () => {
    const client = await clientInside();
    client.server.explanation = { ...explained(255, 'sendAudio'), cleared: [] };
    client.server.explanation.operands.held.actor = { type: 'user', id: 'ana' };
    await client.trtc.updatePrivateMapKey('key-2');
    expect(client.trtc.permissions?.operands.held.actor).toEqual({ type: 'user', id: 'ana' });
    expect(client.heard('permission-changed')).toEqual([]);
  });

  test('a grant starts nothing; the app publishes again what the loss of a bit had stopped', async () => {
    const client = await clientInside();
    await client.trtc.startLocalAudio();
    client.server.notify('trackClosed', {
      trackId: `track-${client.server.asked.length}`,
      slot: 'microphone',
      cause: 'sendAudioDenied',
      message: 'You may not send audio here.',
    });
    const lost = explained(251, 'sendAudio');
    client.server.notify('permissionChanged', { before: 255, after: 251, explanation: lost });
    expect(client.raised.slice(-2)).toMatchObject([
      {
        event: 'publish-state-changed',
        payload: { state: 'stopped', error: { extraCode: -100006, cause: 'sendAudioDenied' } },
      },
      { event: 'permission-changed' },
    ]);
    expect(client.platform.fakeDevices.captured[0]?.readyState).toBe('live');
    const whole = { ...lost, effective: 255, cleared: [] };
    client.server.notify('permissionChanged', { before: 251, after: 255, explanation: whole });
    await settled();
    expect(client.server.askedFor('publish')).toHaveLength(1);
    await client.trtc.updateLocalAudio({ publish: true });
    expect(states(client.heard('publish-state-changed')).slice(-2)).toEqual(['starting', 'started']);
  });
});

describe('the key in use', () => {
  test('is announced to expire, with the time that is left', async () => {
    const { server, heard } = await clientInside();
    server.notify('keyWillExpire', { expiresAt: 1_700_000_030 });
    server.notify('keyWillExpire', { expiresAt: 1_600_000_000 });
    expect(heard('key-will-expire')).toEqual([
      { expiresAt: 1_700_000_030, secondsLeft: 30 },
      { expiresAt: 1_600_000_000, secondsLeft: 0 },
    ]);
  });

  test('is asked for when the server begins to need one', async () => {
    const { server, heard } = await clientInside();
    server.notify('keyRequired', { seconds: 60, cause: 'privateMapKeyMissing' });
    expect(heard('key-required')).toEqual([{ seconds: 60, cause: 'privateMapKeyMissing' }]);
  });

  test('that is no longer good ends the stay, and what waits ends with the same cause', async () => {
    const client = await inLive('audience');
    await client.trtc.startLocalAudio();
    client.server.silent.add('switchRole');
    const switching = client.trtc.switchRole('anchor');
    const refused = expect(switching).rejects.toMatchObject({
      code: 5400,
      extraCode: -100006,
      cause: 'privateMapKeyExpired',
      functionName: 'switchRole',
    });
    await settled();
    client.server.notify('removed', { reason: 'ticket', cause: 'privateMapKeyExpired' });
    await refused;
    expect(client.heard('kicked-out')).toEqual([{ reason: 'banned', cause: 'privateMapKeyExpired' }]);
    expect(client.heard('publish-state-changed').at(-1)).toMatchObject({
      state: 'stopped',
      error: { cause: 'privateMapKeyExpired', functionName: '' },
    });
    expect(client.trtc.permissions).toBeNull();
    client.platform.timers.advance(60_000);
    await settled();
    expect(client.server.askedFor('enter')).toHaveLength(1);
  });
});

test.each([
  [{ reason: 'kicked' }, { reason: 'banned' }],
  [
    { reason: 'banned', cause: 'banned' },
    { reason: 'banned', cause: 'banned' },
  ],
  [
    { reason: 'revoked', cause: 'userSigRevoked' },
    { reason: 'banned', cause: 'userSigRevoked' },
  ],
  [{ reason: 'dismissed' }, { reason: 'room_disband' }],
] as const)('an operator’s %j ends the stay as %j, for good', async (told, raised) => {
  const { server, heard, platform } = await clientInside();
  server.notify('removed', told);
  await settled();
  expect(heard('kicked-out')).toEqual([raised]);
  platform.timers.advance(60_000);
  await settled();
  expect(server.askedFor('enter')).toHaveLength(1);
});
