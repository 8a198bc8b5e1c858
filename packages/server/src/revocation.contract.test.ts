import { existsSync } from 'node:fs';
import { Permission } from '@roomkey/tickets/permissions';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Caller, CallStage, expectHearing, expectSilence, workerPid } from './wire-call.fixture.ts';

const { sendAudio, recvAudio } = Permission;

let stage: CallStage;

beforeEach(() => {
  stage = new CallStage();
});

afterEach(() => stage.close());

const deny = (mask: number, value = mask) =>
  stage.operate((admin) =>
    admin.call('member.setDenied', {
      sdkAppId: stage.sdkAppId,
      room: { roomId: 1 },
      users: { only: ['bob'] },
      mask,
      value,
    }),
  );

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${stage.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Lets a member ask for something without waiting for an answer; resolves with how many have come in the end. */
function flood({ wire }: Caller, requests: number): () => number {
  const before = wire.said.length;
  for (let index = 0; index < requests; index++) {
    const method = index % 2 === 0 ? 'unsubscribe' : 'subscribe';
    const params = { userId: 'ana', slot: 'microphone' };
    wire.socket.send(JSON.stringify({ jsonrpc: '2.0', id: 100_000 + index, method, params }));
  }
  return () => wire.said.slice(before).filter(({ id = 0 }) => id >= 100_000).length;
}

describe('a revocation', () => {
  test('behind five hundred pending subscriptions is answered, and not a packet flows after it', async () => {
    const { ana, bob } = await stage.call({
      ROOMKEY_PENDING_REQUESTS: '1000',
      ROOMKEY_REQUESTS_PER_SECOND: '10000',
    });
    const answers = flood(bob, 500);
    await deny(recvAudio);
    await expectSilence(bob, ana);
    await vi.waitFor(() => expect(answers()).toBe(500), 20_000);
    expect(await metric('roomkey_consumers\\{worker="0"\\}')).toBe(1);
    await expectHearing(ana);
    await deny(recvAudio, 0);
    await vi.waitFor(async () => expect(await metric('roomkey_consumers\\{worker="0"\\}')).toBe(2), 20_000);
  });

  test.each([
    ['of an operator', () => deny(sendAudio)],
    [
      'by a smaller key',
      ({ wire }: Caller) => {
        const { privateMapKey } = stage.tickets('bob', 255 - sendAudio);
        return wire.ask('updatePrivateMapKey', { privateMapKey });
      },
    ],
  ])(
    '%s behind a stopped worker is answered by its end, and everything else comes back without the bit',
    async (_, revoke) => {
      const { ana, bob } = await stage.call();
      const pid = workerPid();
      process.kill(pid, 'SIGSTOP');
      await revoke(bob);
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      // Not only who is concerned: what was on the worker is gone for all.
      const lost = await ana.wire.notice('mediaLost');
      expect(lost.trackIds).toEqual([ana.trackId]);
      await bob.wire.notice('mediaLost');
      expect(bob.wire.said.filter(({ method }) => method === 'trackClosed')).toMatchObject([
        { params: { slot: 'microphone', cause: 'sendAudioDenied' } },
      ]);
      await ana.send();
      await bob.receive();
      await expectHearing(bob);
      const { transportId } = await bob.wire.ask('openTransport', { direction: 'send' });
      const { error } = await bob.wire.answer('publish', bob.publication(transportId));
      expect(error?.data.name).toBe('sendAudioDenied');
    },
  );
});
