import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallStage, expectHearing, expectSilence, workerPid } from './wire-call.fixture.ts';

let stage: CallStage;

beforeEach(() => {
  stage = new CallStage();
});

afterEach(() => stage.close());

test('after the death of a worker the same publications are back, muted as they were, and what was received by itself', async () => {
  const { ana, bob } = await stage.call();
  const { trackId } = bob;
  await bob.wire.ask('setMuted', { trackId, muted: true });
  process.kill(workerPid(), 'SIGKILL');
  for (const { wire, trackId: own } of [ana, bob])
    expect(await wire.notice('mediaLost')).toEqual({ trackIds: [own] });

  await ana.send();
  await bob.send({ muted: true });
  expect(bob.trackId).toBe(trackId);
  await bob.receive();
  await ana.receive({ silent: true });
  await Promise.all([expectHearing(bob), expectSilence(ana, bob)]);
  await bob.wire.ask('setMuted', { trackId, muted: false });
  await expectHearing(ana);
  for (const { wire } of [ana, bob]) {
    const heard = wire.said.map(({ method }) => method);
    expect(heard.filter((method) => method === 'trackRemoved' || method === 'trackClosed')).toEqual([]);
  }
});
