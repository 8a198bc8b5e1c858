import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallStage, expectHearing, expectSilence, left, pause } from './wire-call.fixture.ts';

let stage: CallStage;

beforeEach(() => {
  stage = new CallStage();
});

afterEach(() => stage.close());

test('a socket whose process is killed: media flows on both ways, and the seat is taken up as if nothing had been', async () => {
  const { ana, bob, relay } = await stage.call();
  await relay.kill();
  expect(await bob.wire.closed).toBe(1006);
  await Promise.all([expectHearing(bob), expectHearing(ana)]);

  const wire = await stage.wire();
  const resumed = await wire.ask('resume', bob.resumeParams());
  expect(resumed).toMatchObject({
    memberId: bob.entered.memberId,
    explanation: { effective: 255 },
    members: [{ userId: 'ana', tracks: [{ trackId: ana.trackId }] }],
    transports: [{ connected: true }, { connected: true }],
    tracks: [{ trackId: bob.trackId, slot: 'microphone', muted: false, lost: false }],
    consumers: [{ consumerId: bob.consumerId, userId: 'ana', slot: 'microphone', ready: true }],
  });
  await wire.ask('confirmResume', { secret: resumed.resume.secret });
  await expectHearing(bob);
  await wire.ask('setMuted', { trackId: bob.trackId, muted: true });
  await expectSilence(ana, bob);
  expect(left(ana)).toEqual([]);
  const metrics = await (await fetch(`${stage.url}/metrics`)).text();
  expect(metrics).toMatch(/^roomkey_resumes_total 1$/m);
});

test('a bit that is taken while the socket is gone is gone in the media before the resume', async () => {
  const { ana, bob, relay } = await stage.call();
  await relay.kill();
  await stage.operate((admin) =>
    admin.call('member.setDenied', {
      sdkAppId: stage.sdkAppId,
      room: { roomId: 1 },
      users: { only: ['bob'] },
      mask: 8,
      value: 8,
    }),
  );
  await Promise.all([expectSilence(bob, ana), expectHearing(ana)]);
  const wire = await stage.wire();
  const resumed = await wire.ask('resume', bob.resumeParams());
  expect(resumed).toMatchObject({ explanation: { effective: 255 & ~8 }, consumers: [] });
  await expectSilence(bob, ana);
});

test('who is kicked while the socket is gone is out of the media at once, and is told why when it comes back', async () => {
  const { ana, bob, relay } = await stage.call();
  await relay.kill();
  await stage.operate((admin) =>
    admin.call('member.kick', { sdkAppId: stage.sdkAppId, room: { roomId: 1 }, userIds: ['bob'] }),
  );
  await expectSilence(bob, ana);
  // The transports of who is out are closed: bob's own sender ends with them.
  const before = ana.received;
  await pause(1000);
  expect(ana.received).toBe(before);
  const wire = await stage.wire();
  const { error } = await wire.answer('resume', bob.resumeParams());
  expect(error?.data).toMatchObject({ name: 'resumeRefused', removed: { reason: 'kicked' } });
  const guess = await wire.answer('resume', bob.resumeParams('1.guess'));
  expect(guess.error?.data).not.toHaveProperty('removed');
});

test('a socket that only seems alive is superseded, and the old one is told to go', async () => {
  const { ana, bob } = await stage.call();
  const wire = await stage.wire();
  await wire.ask('resume', bob.resumeParams());
  expect(await bob.wire.closed).toBe(4001);
  await pause(200);
  expect(left(ana)).toEqual([]);
  await expectHearing(bob);
});

test('two sockets that resume at once: one has the seat, and when the other goes on too it dies', async () => {
  const { ana, bob, relay } = await stage.call();
  await relay.kill();
  const wires = [await stage.wire(), await stage.wire()] as const;
  const [one, other] = await Promise.all(wires.map((wire) => wire.ask('resume', bob.resumeParams())));
  expect(await wires[0].closed).toBe(4001);
  await wires[1].ask('confirmResume', { secret: other?.resume.secret ?? '' });
  expect(left(ana)).toEqual([]);
  const third = await stage.wire();
  const { error } = await third.answer('resume', bob.resumeParams(one?.resume.secret));
  expect(error?.data).toMatchObject({ name: 'resumeRefused', removed: { reason: 'contested' } });
  expect(await wires[1].closed).toBe(4000);
  const gone = { params: { userId: 'bob', reason: 'removed' } };
  await vi.waitFor(() => expect(left(ana)).toMatchObject([gone]), 20_000);
  await expectSilence(bob, ana);
});

test('a seat that nobody takes up is given up in time', async () => {
  const { ana, bob, relay } = await stage.call({ ROOMKEY_SEAT_SECONDS: '1' });
  await relay.kill();
  await vi.waitFor(() => expect(left(ana)).toMatchObject([{ params: { reason: 'timeout' } }]), 20_000);
  const wire = await stage.wire();
  const { error } = await wire.answer('resume', bob.resumeParams());
  expect(error?.data.name).toBe('resumeRefused');
});

test('a seat whose connection its client closes is given up long before its time', async () => {
  const { ana, bob } = await stage.call({ ROOMKEY_SEAT_SECONDS: '300' });
  bob.wire.socket.close();
  await vi.waitFor(() => expect(left(ana)).toMatchObject([{ params: { reason: 'timeout' } }]), 20_000);
});

test('when the answer of a resume is lost, the old secret takes the seat up again and the lost one is worth nothing', async () => {
  const { ana, bob, relay } = await stage.call();
  await relay.kill();
  const lost = await stage.wire();
  const { resume } = await lost.ask('resume', bob.resumeParams());
  lost.socket.terminate();

  const wire = await stage.wire();
  const resumed = await wire.ask('resume', bob.resumeParams());
  await wire.ask('confirmResume', { secret: resumed.resume.secret });
  await Promise.all([expectHearing(bob), expectHearing(ana)]);
  expect(left(ana)).toEqual([]);

  const thief = await stage.wire();
  const { error } = await thief.answer('resume', bob.resumeParams(resume.secret));
  expect(error?.data).toMatchObject({ name: 'resumeRefused', removed: { reason: 'contested' } });
});
