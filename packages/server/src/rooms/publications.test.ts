import { RoomWorldUnderTest, rtpParametersFor, settled } from '@roomkey/testkit';
import { allows, Permission, type Slot, slotNeeds, slots } from '@roomkey/tickets/permissions';
import { describe, expect, test } from 'vitest';

const denials: Record<Slot, readonly [without: number, cause: string][]> = {
  microphone: [[Permission.sendAudio, 'sendAudioDenied']],
  camera: [[Permission.sendVideo, 'sendVideoDenied']],
  screen: [[Permission.sendSub, 'sendSubDenied']],
  screenAudio: [
    [Permission.sendAudio, 'sendAudioDenied'],
    [Permission.sendSub, 'sendSubDenied'],
  ],
};

describe('publishing', () => {
  test.each(slots)('%s flows for exactly the keys that hold its bits', async (slot) => {
    const world = new RoomWorldUnderTest();
    for (let bits = 3; bits < 256; bits += 4) {
      const ana = await world.enter('ana', { bits });
      const attempt = ana.publish(slot);
      if (allows(bits, slotNeeds('send', slot))) await expect(attempt).resolves.toBeTypeOf('string');
      else await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/^send\w+Denied$/) });
    }
  });

  test.each(slots)('%s names the bit that is missing', async (slot) => {
    for (const [bit, cause] of denials[slot]) {
      const world = new RoomWorldUnderTest();
      const ana = await world.enter('ana', { bits: 255 - bit });
      await expect(ana.publish(slot)).rejects.toMatchObject({ code: cause });
      expect(world.plane.tracks.size).toBe(0);
    }
  });

  test('a track opens paused, is resumed, and only then the others hear of it', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    await ana.open('send');
    const release = world.plane.hold();
    const publishing = ana.publish('camera');
    await settled();
    expect(bob.link.told('trackAdded')).toEqual([]);
    await release();
    const trackId = await publishing;
    const track = { trackId, slot: 'camera', muted: false };
    expect(bob.link.told('trackAdded')).toMatchObject([{ userId: 'ana', track }]);
    expect([...world.plane.tracks.values()]).toMatchObject([{ paused: false, kind: 'video' }]);
    expect((await world.enter('eve')).result.members).toContainEqual({
      userId: 'ana',
      role: 'anchor',
      tracks: [track],
    });
  });

  test.each(slots)('%s that a denial crosses is refused by the name of the bit', async (slot) => {
    for (const [mask, cause] of denials[slot]) {
      const world = new RoomWorldUnderTest();
      const ana = await world.enter('ana');
      await ana.open('send');
      const release = world.plane.hold();
      const publishing = ana.publish(slot);
      const refused = expect(publishing).rejects.toMatchObject({
        code: cause,
        data: { permission: cause.replace('Denied', '') },
      });
      await settled();
      const { sdkAppId } = world.application;
      const where = { sdkAppId, room: { roomId: 1 }, actor: { type: 'operator', id: 'olga' } as const };
      const denying = world.operator.setDenied({ ...where, users: { only: ['ana'] }, mask, value: mask });
      await settled();
      await release();
      await denying;
      await refused;
      expect(ana.link.told('trackClosed')).toEqual([]);
      expect(world.plane.tracks.size).toBe(0);
    }
  });

  test('a track that comes back when its role is given up is refused by the name of the bit, and closed', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana', { scene: 'live' });
    const trackId = await ana.publish('camera');
    world.plane.losePlace();
    await ana.open('send');
    const release = world.plane.hold();
    const refused = expect(ana.publish('camera', { trackId })).rejects.toMatchObject({
      code: 'sendVideoDenied',
      data: { permission: 'sendVideo' },
    });
    await settled();
    const switching = ana.seat.switchRole({ role: 'audience' });
    await settled();
    await release();
    await switching;
    await refused;
    expect(ana.link.told('trackClosed')).toMatchObject([{ trackId, cause: 'sendVideoDenied' }]);
  });

  test('a second track in a slot is refused, also while the first is opening', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.open('send');
    const release = world.plane.hold();
    const first = ana.publish('camera');
    await expect(ana.publish('camera')).rejects.toMatchObject({ code: 'slotTaken' });
    await release();
    await first;
    await expect(ana.publish('camera')).rejects.toMatchObject({ code: 'slotTaken' });
  });

  test('codecs of another kind are refused, RTX included', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const audio = rtpParametersFor('microphone');
    const video = rtpParametersFor('camera');
    const mixed = { ...audio, codecs: [...audio.codecs, ...video.codecs.slice(1)] };
    for (const rtpParameters of [video, mixed]) {
      await expect(ana.publish('microphone', { rtpParameters })).rejects.toMatchObject({
        code: 'kindMismatch',
      });
    }
    await expect(ana.publish('camera', { rtpParameters: audio })).rejects.toMatchObject({
      code: 'kindMismatch',
    });
    const onlyRtx = { ...video, codecs: video.codecs.slice(1) };
    await expect(ana.publish('camera', { rtpParameters: onlyRtx })).rejects.toMatchObject({
      code: 'rtpParametersInvalid',
    });
  });

  test('a header extension has one id in all tracks of a transport, and may have another on the next one', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const withId = (slot: Slot, id: number) => ({
      rtpParameters: { ...rtpParametersFor(slot), headerExtensions: [{ uri: 'urn:x', id }] },
    });
    await ana.publish('camera', withId('camera', 4));
    await expect(ana.publish('screen', withId('screen', 5))).rejects.toMatchObject({
      code: 'rtpParametersInvalid',
    });
    await ana.publish('screen', withId('screen', 4));
    await ana.open('send');
    await ana.publish('microphone', withId('microphone', 5));
  });

  test('a second media codec is refused: the engine would read one with the rules of the other', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const video = rtpParametersFor('camera');
    const second = { mimeType: 'video/VP9', payloadType: 98, clockRate: 90000 };
    const rtpParameters = { ...video, codecs: [...video.codecs, second] };
    await expect(ana.publish('camera', { rtpParameters })).rejects.toMatchObject({
      code: 'rtpParametersInvalid',
    });
    expect(world.plane.tracks.size).toBe(0);
  });

  test.each([
    ['microphone', 1],
    ['screen', 2],
    ['screenAudio', 1],
    ['camera', 3],
  ] as const)('%s takes %i encodings and no more', async (slot, most) => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const encodings = (n: number) => Array.from({ length: n }, (_, i) => ({ ssrc: i + 1 }));
    const withEncodings = (n: number) => ({
      rtpParameters: { ...rtpParametersFor(slot), encodings: encodings(n) },
    });
    await expect(ana.publish(slot, withEncodings(most + 1))).rejects.toMatchObject({
      code: 'tooManyEncodings',
    });
    await ana.publish(slot, withEncodings(most));
  });

  test("another member's transport and a receiving one are refused", async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const theirs = await bob.open('send');
    await expect(ana.publish('camera', { transportId: theirs })).rejects.toMatchObject({
      code: 'transportUnknown',
    });
    const receiving = await ana.open('recv');
    await expect(ana.publish('camera', { transportId: receiving })).rejects.toMatchObject({
      code: 'transportWrongDirection',
    });
    await expect(ana.seat.restartIce({ transportId: theirs })).rejects.toMatchObject({
      code: 'transportUnknown',
    });
  });

  test("another member's track can be neither muted nor ended", async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await bob.publish('camera');
    await expect(ana.seat.unpublish({ trackId })).rejects.toMatchObject({ code: 'trackUnknown' });
    await expect(ana.seat.setMuted({ trackId, muted: true })).rejects.toMatchObject({ code: 'trackUnknown' });
  });

  test('a track that the engine refuses frees its slot', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const transportId = await ana.open('send');
    world.plane.transports.delete(transportId);
    await expect(ana.publish('camera')).rejects.toMatchObject({ code: 'mediaUnavailable' });
    await ana.open('send');
    await ana.publish('camera');
  });

  test('a member who leaves while a track opens leaves nothing behind', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.open('send');
    const release = world.plane.hold();
    const publishing = ana.publish('camera');
    const refused = expect(publishing).rejects.toMatchObject({ code: 'notEntered' });
    const left = ana.seat.exit({});
    await settled();
    await release();
    await Promise.all([left, refused]);
    expect(world.plane.tracks.size + world.plane.transports.size).toBe(0);
  });
});

describe('muting and ending', () => {
  test('a muted track is paused and the others are told', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await ana.publish('microphone');
    await ana.seat.setMuted({ trackId, muted: true });
    await ana.seat.setMuted({ trackId, muted: true });
    expect([...world.plane.tracks.values()]).toMatchObject([{ paused: true }]);
    expect(bob.link.told('trackMuted')).toMatchObject([{ trackId, muted: true }]);
  });

  test('a track published muted stays paused', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    await ana.publish('microphone', { muted: true });
    expect([...world.plane.tracks.values()]).toMatchObject([{ paused: true }]);
  });

  test('an ended track goes from the plane and from the others', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await ana.publish('microphone');
    await ana.seat.unpublish({ trackId });
    expect(world.plane.tracks.size).toBe(0);
    expect(bob.link.told('trackRemoved')).toMatchObject([{ userId: 'ana', trackId, slot: 'microphone' }]);
    await ana.publish('microphone');
  });

  test('a track above its bitrate is closed with its own cause', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await ana.publish('microphone');
    world.plane.exceedBitrate([...world.plane.tracks.keys()][0] ?? '');
    expect(ana.link.told('trackClosed')).toMatchObject([
      { trackId, slot: 'microphone', cause: 'bitrateExceeded' },
    ]);
    expect(bob.link.told('trackRemoved')).toMatchObject([{ trackId }]);
    expect(world.plane.tracks.size).toBe(0);
    await expect(ana.publish('microphone')).rejects.toMatchObject({ code: 'bitrateExceeded' });
    world.clock.advance(10_000);
    await ana.publish('microphone');
  });

  test.each(['somebody else', 'nobody else'])(
    'a slot that sent too much stays shut for who enters again, with %s inside',
    async (inside) => {
      const world = new RoomWorldUnderTest();
      if (inside === 'somebody else') await world.enter('bob');
      const before = await world.enter('ana');
      await before.publish('microphone');
      world.plane.exceedBitrate([...world.plane.tracks.keys()][0] ?? '');
      await before.seat.exit({});
      const ana = await world.enter('ana');
      await expect(ana.publish('microphone')).rejects.toMatchObject({ code: 'bitrateExceeded' });
      await ana.publish('camera');
      world.clock.advance(10_000);
      await ana.publish('microphone');
    },
  );
});

describe('lost media', () => {
  test('after the death of a worker the member is told, and the same track comes back with its mute state', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    await bob.open('recv');
    const trackId = await ana.publish('microphone', { muted: true });
    await world.settle();
    world.plane.losePlace();
    expect(ana.link.told('mediaLost')).toEqual([{ trackIds: [trackId] }]);
    expect(bob.link.told('mediaLost')).toEqual([{ trackIds: [] }]);

    await bob.open('recv');
    await ana.open('send');
    expect(await ana.publish('microphone', { trackId, muted: true })).toBe(trackId);
    await world.settle();
    expect(bob.link.told('trackRemoved')).toEqual([]);
    expect(bob.link.told('trackAdded')).toHaveLength(1);
    expect(bob.link.told('consumerOpened').map((offer) => offer.trackId)).toEqual([trackId, trackId]);
    world.clock.advance(60_000);
    expect(bob.link.told('trackRemoved')).toEqual([]);
  });

  test('a track whose publishing was refused for the loss does not wait to come back', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const ana = await world.enter('ana');
    await ana.open('send');
    const release = world.plane.hold();
    const refused = expect(ana.publish('camera')).rejects.toMatchObject({ code: 'mediaUnavailable' });
    await settled();
    world.plane.losePlace();
    await refused;
    expect(ana.link.told('mediaLost')).toEqual([{ trackIds: [] }]);
    expect(world.home.counts().tracks).toBe(0);
    await release();
    expect(world.clock.pending).toBe(0);
  });

  test('a track that does not come back within ten seconds ends', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await ana.publish('microphone');
    world.plane.losePlace();
    world.clock.advance(9_999);
    expect(bob.link.told('trackRemoved')).toEqual([]);
    world.clock.advance(1);
    expect(bob.link.told('trackRemoved')).toMatchObject([{ trackId }]);
  });

  test('a track waits its ten seconds from when a worker runs, however long none did, and whatever died meanwhile', async () => {
    const world = new RoomWorldUnderTest();
    const [ana, bob] = [await world.enter('ana'), await world.enter('bob')];
    const trackId = await ana.publish('microphone');
    const dead = () => {
      world.plane.available = false;
      world.plane.losePlace();
    };
    dead();
    world.clock.advance(60_000);
    world.plane.available = true;
    world.clock.advance(9_000);
    dead();
    world.clock.advance(500);
    world.plane.available = true;
    world.clock.advance(9_999);
    expect(bob.link.told('trackRemoved')).toEqual([]);
    await ana.open('send');
    expect(await ana.publish('microphone', { trackId })).toBe(trackId);
    world.clock.advance(60_000);
    expect(bob.link.told('trackRemoved')).toEqual([]);
  });

  test('a track that does not come back within ten seconds of a running worker ends, also after a long wait for one', async () => {
    const world = new RoomWorldUnderTest();
    const [ana, bob] = [await world.enter('ana'), await world.enter('bob')];
    const trackId = await ana.publish('microphone');
    world.plane.available = false;
    world.plane.losePlace();
    world.clock.advance(60_000);
    world.plane.available = true;
    await world.settle();
    world.clock.advance(10_000);
    expect(bob.link.told('trackRemoved')).toMatchObject([{ trackId }]);
  });

  test('a track that waited in vain for its worker to take anybody waits anew when that one dies, and others run', async () => {
    const world = new RoomWorldUnderTest();
    const [ana, bob] = [await world.enter('ana'), await world.enter('bob')];
    await bob.open('recv');
    const trackId = await ana.publish('microphone');
    // The worker of the room has too much memory.
    const { plane } = world;
    let takes = false;
    plane.takesTransports = () => takes;
    plane.loseTransport(ana.transports.send ?? '');
    world.clock.advance(60_000);
    await world.settle();
    expect(bob.link.told('trackRemoved')).toEqual([]);
    takes = true;
    plane.losePlace();
    await world.settle();
    world.clock.advance(9_999);
    expect(bob.link.told('trackRemoved')).toEqual([]);
    world.clock.advance(1);
    expect(bob.link.told('trackRemoved')).toMatchObject([{ trackId }]);
  });

  test("a lost track's id opens no other slot and no other member's", async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const trackId = await ana.publish('microphone');
    world.plane.losePlace();
    await ana.open('send');
    await bob.open('send');
    await expect(ana.publish('screenAudio', { trackId })).rejects.toMatchObject({ code: 'trackUnknown' });
    await expect(bob.publish('microphone', { trackId })).rejects.toMatchObject({ code: 'trackUnknown' });
  });

  test('a second sending transport replaces the first; its tracks wait', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const trackId = await ana.publish('microphone');
    await ana.open('send');
    expect(world.plane.tracks.size).toBe(0);
    expect(await ana.publish('microphone', { trackId })).toBe(trackId);
  });

  test('the timeout of a lost track does not end its replacement', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const bob = await world.enter('bob');
    const lost = [await ana.publish('microphone'), await ana.publish('camera')];
    await ana.open('send');
    const fresh = await ana.publish('microphone');
    await ana.seat.unpublish({ trackId: lost[1] ?? '' });
    world.clock.advance(10_000);
    expect(world.plane.tracks.size).toBe(1);
    expect(bob.link.told('trackRemoved').map(({ trackId }) => trackId)).toEqual(lost);
    await ana.seat.setMuted({ trackId: fresh, muted: true });
  });

  test('a lost track waits once, however often its transport is replaced', async () => {
    const world = new RoomWorldUnderTest({ permissionControl: 'off' });
    const ana = await world.enter('ana');
    await ana.publish('microphone');
    for (let times = 0; times < 3; times++) await ana.open('send');
    expect(world.clock.pending).toBe(1);
    world.clock.advance(10_000);
    expect(world.home.counts().tracks).toBe(0);
  });

  test('a member whose transport fell silent loses both and is told', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const trackId = await ana.publish('microphone');
    world.plane.loseTransport(ana.transports.send ?? '');
    expect(ana.link.told('mediaLost')).toEqual([{ trackIds: [trackId] }]);
    expect(world.plane.transports.size).toBe(0);
  });

  test('a transport asked for in the last moment of a room is at the plane before the room ends there', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const opening = expect(ana.seat.openTransport({ direction: 'send' })).rejects.toMatchObject({
      code: 'notEntered',
    });
    await ana.seat.exit({});
    await opening;
    expect(world.plane.calls.at(0)).toMatch(/^openTransport /);
    expect(world.plane.calls.findIndex((call) => call.startsWith('closeRoom '))).toBeGreaterThan(0);
  });

  test('a transport that opens after the member has left is closed', async () => {
    const world = new RoomWorldUnderTest();
    const ana = await world.enter('ana');
    const release = world.plane.hold();
    const opening = ana.seat.openTransport({ direction: 'recv' });
    const refused = expect(opening).rejects.toMatchObject({ code: 'notEntered' });
    const left = ana.seat.exit({});
    await settled();
    await release();
    await Promise.all([left, refused]);
    expect(world.plane.transports.size).toBe(0);
  });
});

test('a microphone whose unmuting the media engine did not hear is unmuted a second later', async () => {
  const world = new RoomWorldUnderTest();
  const ana = await world.enter('ana');
  const trackId = await ana.publish('microphone', { muted: true });
  const { plane } = world;
  const real = plane.setTrackPaused.bind(plane);
  let asked = 0;
  plane.setTrackPaused = async (...call) => {
    if (++asked === 1) throw new Error('too late');
    await real(...call);
  };
  await ana.seat.setMuted({ trackId, muted: false });
  await world.settle();
  expect(asked).toBe(1);
  expect(world.mediaFailures.length).toBeGreaterThan(0);
  expect(world.mediaFailedFor).toEqual([{ room: `${world.application.sdkAppId}/n:1`, userId: 'ana' }]);
  world.clock.advance(1000);
  await world.settle();
  const [track] = plane.tracks.values();
  expect([asked, track?.paused]).toEqual([2, false]);
});
