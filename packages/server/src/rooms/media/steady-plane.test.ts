import { ServiceError } from '@roomkey/protocol';
import {
  FakeMediaPlane,
  type RoomWorldUnderTest,
  rtpParametersFor,
  settled,
  type TestMember,
} from '@roomkey/testkit';
import { Permission } from '@roomkey/tickets/permissions';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaPlane } from '../../ports/index.ts';
import { call, flowing } from '../seats/resume.fixture.ts';
import { SteadyPlane } from './steady-plane.ts';

const thrown = new TypeError('the media plane has a bug');
const uncaught: unknown[] = [];
const keep = (error: unknown) => void uncaught.push(error);
const kinds = ['uncaughtException', 'unhandledRejection'] as const;

beforeEach(() => {
  for (const kind of kinds) process.on(kind, keep);
});

afterEach(() => {
  for (const kind of kinds) process.off(kind, keep);
  uncaught.length = 0;
});

type Call = Exclude<keyof MediaPlane, 'rtpCapabilities' | 'listen'>;

const throws = (): never => {
  throw thrown;
};
const rejects = (): Promise<never> => Promise.reject(thrown);
/** How each call fails: its promise rejects, or it throws at once. The type asks for every call of the port. */
const ways: Readonly<Record<Call, 'answered' | 'immediate'>> = {
  openTransport: 'answered',
  connectTransport: 'answered',
  restartIce: 'answered',
  openTrack: 'answered',
  setTrackPaused: 'answered',
  openConsumer: 'answered',
  resumeConsumer: 'answered',
  setSpatialLayer: 'answered',
  confirmClosed: 'answered',
  place: 'immediate',
  takesTransports: 'immediate',
  closeConsumer: 'immediate',
  closeTrack: 'immediate',
  closeTransport: 'immediate',
  closeRoom: 'immediate',
};
const calls = Object.keys(ways) as Call[];
const answered = calls.filter((name) => ways[name] === 'answered');
const immediate = calls.filter((name) => ways[name] === 'immediate');

/** Lets a call of the plane fail until the result is called. */
function failAt(plane: FakeMediaPlane, name: Call, fail: () => unknown): { calls: number; heal(): void } {
  const failing = { calls: 0, heal: () => void Reflect.deleteProperty(plane, name) };
  const real = plane[name] as (...args: unknown[]) => unknown;
  const value = (...args: unknown[]) => {
    // The fake asks itself for its place, and names no room.
    if (args.length === 0) return real.call(plane);
    failing.calls++;
    return fail();
  };
  Object.defineProperty(plane, name, { configurable: true, value });
  return failing;
}

/** Asks for something that may be refused. */
const attempt = (asked: Promise<unknown>) => asked.catch(() => {});

/** Everything after which rooms ask something of their media plane. */
async function everything({ world, ana, bob, at }: Awaited<ReturnType<typeof call>>): Promise<void> {
  const { plane, clock, operator } = world;
  const [muted = ''] = [...plane.tracks.values()].flatMap(({ trackId, slot, transportId }) =>
    slot === 'microphone' && transportId === bob.transports.send ? [trackId] : [],
  );
  const { send: transportId = '' } = bob.transports;
  const published = ana.link.told('trackAdded').filter(({ userId }) => userId === 'bob');
  for (const { track } of published) {
    for (const muted of [true, false]) await attempt(bob.seat.setMuted({ trackId: track.trackId, muted }));
  }
  await attempt(bob.seat.restartIce({ transportId }));
  const fingerprints = [{ algorithm: 'sha-256' as const, value: 'AB' }];
  await attempt(bob.seat.connectTransport({ transportId, dtlsParameters: { fingerprints } }));
  for (const spatialLayer of [0, 1])
    await attempt(bob.seat.subscribe({ userId: 'ana', slot: 'camera', spatialLayer }));
  for (const { consumerId } of bob.link.told('consumerOpened'))
    await attempt(bob.seat.consumerReady({ consumerId }));
  await attempt(bob.seat.unsubscribe({ userId: 'ana', slot: 'camera' }));
  for (const { track } of published.slice(1)) await attempt(bob.seat.unpublish({ trackId: track.trackId }));
  await attempt(bob.open('recv'));
  plane.exceedBitrate(muted);
  await settled();

  const eve = await world.enter('eve');
  await comeIn(eve);
  const { sendAudio } = Permission;
  await attempt(operator.setDenied({ ...at, users: { only: ['eve'] }, mask: sendAudio, value: sendAudio }));
  await attempt(operator.kick({ ...at, userIds: ['eve'] }));
  const fay = await world.enter('fay');
  await comeIn(fay);
  await attempt(fay.seat.exit({}));

  plane.loseTransport(transportId);
  await settled();
  bob.seat.dropped('lost');
  clock.advance(31_000);
  await settled();
  const other = await world.enter('gil', { roomId: 2 });
  await comeIn(other);
  await attempt(other.seat.exit({}));
  plane.losePlace();
  await settled();
  clock.advance(15_000);
  await settled();
}

async function comeIn(member: TestMember): Promise<void> {
  for (const direction of ['send', 'recv'] as const) await attempt(member.open(direction));
  for (const slot of ['microphone', 'camera'] as const) await attempt(member.publish(slot));
  await settled();
}

/** Whether those who are in the room, and those who come, hear each other. */
async function expectCall(world: RoomWorldUnderTest, ana: TestMember): Promise<void> {
  const dave = await world.enter('dave');
  ana.transports = {};
  const known = ana.link.told('consumerOpened').length;
  for (const member of [ana, dave]) await comeIn(member);
  await settled();
  for (const { link, seat } of [ana, dave]) {
    for (const { consumerId } of link.told('consumerOpened').slice(link === ana.link ? known : 0))
      await seat.consumerReady({ consumerId });
  }
  for (const member of [ana, dave]) expect(flowing(world, member)).toEqual(['camera', 'microphone']);
}

test('a refusal of the plane stays what it is, and anything else becomes one that names its cause', async () => {
  const plane = new FakeMediaPlane();
  const told: unknown[] = [];
  const steady = new SteadyPlane(plane, (error) => told.push(error));
  const refusal = new ServiceError('mediaUnavailable', 'The plane says so.');
  plane.available = false;
  expect(() => steady.place('room')).toThrow(expect.objectContaining({ code: 'mediaUnavailable' }));
  plane.openTrack = () => Promise.reject(refusal);
  const request = { trackId: 't', transportId: 's', kind: 'audio', slot: 'microphone' } as const;
  const asked = () => steady.openTrack({ ...request, rtpParameters: rtpParametersFor('microphone') });
  await expect(asked()).rejects.toBe(refusal);
  expect(told).toEqual([]);
  plane.openTrack = rejects;
  await expect(asked()).rejects.toMatchObject({ code: 'mediaUnavailable', cause: thrown });
  expect(told).toEqual([thrown]);
});

test('what the plane can do is what it says', () => {
  const plane = new FakeMediaPlane();
  const steady = new SteadyPlane(plane, () => {});
  expect(steady.rtpCapabilities).toBe(plane.rtpCapabilities);
  expect(steady.takesTransports('room')).toBe(true);
  plane.available = false;
  expect(steady.takesTransports('room')).toBe(false);
});

describe.each([
  ...[...answered, ...immediate].map((name) => [name, 'throws', throws] as const),
  ...answered.map((name) => [name, 'rejects', rejects] as const),
])('a media plane whose %s %s', (name, _, fail) => {
  test('ends no process and no room, and is told', async () => {
    const stage = await call();
    const { world, ana } = stage;
    const failing = failAt(world.plane, name, fail);
    await everything(stage);
    expect(failing.calls).toBeGreaterThan(0);
    failing.heal();
    await expectCall(world, ana);
    expect(uncaught).toEqual([]);
    expect(world.mediaFailures).toContain(thrown);
  });
});
