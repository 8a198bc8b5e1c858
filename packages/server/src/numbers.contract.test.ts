import { afterEach, beforeEach, expect, test } from 'vitest';
import { CallStage, expectHearing, workerPid } from './wire-call.fixture.ts';

let stage: CallStage;

beforeEach(() => {
  stage = new CallStage();
});

afterEach(() => stage.close());

test('a bitrate that is no whole number is refused by name, and the process, its worker and the call go on', async () => {
  const { ana, bob } = await stage.call();
  const pid = workerPid();
  const mallory = await stage.enter('mallory', 3333);
  const { transportId } = await mallory.wire.ask('openTransport', { direction: 'send' });
  const { rtpParameters } = mallory.publication(transportId);
  for (const maxBitrate of [40_000.5, 5e-324]) {
    const encodings = [{ ssrc: 5, maxBitrate }];
    const { error } = await mallory.wire.answer('publish', {
      transportId,
      slot: 'microphone',
      rtpParameters: { ...rtpParameters, encodings },
    });
    expect(error).toMatchObject({
      message: expect.stringContaining('params.rtpParameters.encodings.0.maxBitrate'),
      data: { name: 'invalidParams' },
    });
  }
  // Closes at the media engine what was open there.
  await mallory.wire.ask('exit', {});
  await ana.wire.notice('memberLeft', ({ userId }) => userId === 'mallory');
  await ana.wire.ask('openTransport', { direction: 'send' });
  await expectHearing(ana);
  expect(workerPid()).toBe(pid);
  expect([ana, bob].flatMap(({ wire }) => wire.said).filter(({ method }) => method === 'mediaLost')).toEqual(
    [],
  );
});
