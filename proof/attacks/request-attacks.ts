import { WireSocket } from '@roomkey/testkit/disobedient';
import { slots } from '@roomkey/tickets/permissions';
import type { Attack } from './attack.ts';

/** Entering, and nothing else. */
const nothing = 2;

const deniedTo = {
  send: {
    microphone: 'sendAudioDenied',
    camera: 'sendVideoDenied',
    screen: 'sendSubDenied',
    screenAudio: 'sendAudioDenied',
  },
  recv: {
    microphone: 'recvAudioDenied',
    camera: 'recvVideoDenied',
    screen: 'recvSubDenied',
    screenAudio: 'recvAudioDenied',
  },
} as const;

const foreignIds: Attack = {
  name: "others' ids",
  says: "the partner's transports, tracks and consumers are asked for as if they were the member's own; everything goes on as before",
  async run(trial) {
    const { subject, stage } = trial;
    const { partner } = stage;
    await subject.enter(255);
    const { wire } = subject.client;
    const rtpParameters = subject.client.parametersOf('microphone');
    const fingerprints = [{ algorithm: 'sha-256' as const, value: Array(32).fill('AA').join(':') }];
    const dtlsParameters = { role: 'client' as const, fingerprints };
    for (const transportId of Object.values(partner.transportIds)) {
      await trial.refused('transportUnknown', wire.ask('connectTransport', { transportId, dtlsParameters }));
      await trial.refused('transportUnknown', wire.ask('restartIce', { transportId }));
      await trial.refused(
        'transportUnknown',
        wire.ask('publish', { transportId, slot: 'microphone', rtpParameters }),
      );
    }
    const { send, recv } = subject.client.transportIds;
    await trial.refused(
      'transportWrongDirection',
      wire.ask('publish', { transportId: recv, slot: 'microphone', rtpParameters }),
    );
    for (const trackId of partner.trackIds.values()) {
      await trial.refused('trackUnknown', wire.ask('setMuted', { trackId, muted: true }));
      await trial.refused('trackUnknown', wire.ask('unpublish', { trackId }));
      await trial.refused(
        'trackUnknown',
        wire.ask('publish', { transportId: send, slot: 'microphone', trackId, rtpParameters }),
      );
    }
    await subject.settle();
    for (const consumerId of partner.consumerIds)
      await trial.refused('consumerUnknown', wire.ask('consumerReady', { consumerId }));
    await trial.window(() => true);
  },
};

const endedIds: Attack = {
  name: 'ids of before',
  says: 'after the bits went, the consumers, tracks and the transport of before are asked for again',
  async run(trial) {
    const { subject, stage } = trial;
    await subject.enter(255);
    await subject.settle();
    const { client } = subject;
    const { wire } = client;
    await subject.updatePrivateMapKey(nothing);
    for (const consumerId of client.consumerIds)
      await trial.refused('consumerUnknown', wire.ask('consumerReady', { consumerId }));
    for (const [slot, trackId] of client.trackIds) {
      await trial.refused('trackUnknown', wire.ask('setMuted', { trackId, muted: false }));
      const rtpParameters = client.parametersOf(slot);
      const transportId = client.transportIds.send;
      await trial.refused(
        deniedTo.send[slot],
        wire.ask('publish', { transportId, slot, trackId, rtpParameters }),
      );
    }
    const { userId } = stage.partner;
    for (const slot of slots)
      await trial.refused(deniedTo.recv[slot], wire.ask('subscribe', { userId, slot }));
    await trial.window(() => false);
  },
};

const replays: Attack = {
  name: 'replayed requests',
  says: 'after a newer key without media bits, every frame that was ever sent is sent again, but for those that open transports; the older key with all bits is among them',
  async run(trial) {
    const { subject } = trial;
    const before = Math.floor(Date.now() / 1000) - 10;
    await subject.enter(255, { issuedAt: before });
    await subject.updatePrivateMapKey(255, undefined, before);
    await subject.settle();
    const { wire } = subject.client;
    const frames = [...wire.sent];
    await subject.updatePrivateMapKey(nothing);
    trial.countRefused(
      await replay(
        wire,
        frames.filter((frame) => !frame.includes('"openTransport"')),
      ),
    );
    await trial.window(() => false);
  },
};

const replaysElsewhere: Attack = {
  name: 'replayed requests on a new connection',
  says: 'after its tickets were revoked, everything that the member ever sent is sent again over another connection',
  async run(trial) {
    const { subject, stage } = trial;
    const before = Math.floor(Date.now() / 1000) - 10;
    await subject.enter(255, { issuedAt: before, relayed: true });
    const { client } = subject;
    await subject.settle();
    await subject.revoke(before);
    const wire = await WireSocket.open(stage.world.server.url);
    trial.countRefused(await replay(wire, [...client.wire.sent]));
    wire.break();
    await trial.window(() => false, { client, inside: false });
  },
};

/** Sends frames again, and hears what is answered. */
async function replay(wire: WireSocket, frames: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  const all = new Promise<void>((resolve) => {
    wire.onUnasked = (answer) => {
      answers.push(answer);
      if (answers.length === frames.length) resolve();
    };
  });
  for (const frame of frames) wire.say(frame);
  await all;
  return answers;
}

/** By requests that were never the member's, or are no more. */
export const requestAttacks: readonly Attack[] = [foreignIds, endedIds, replays, replaysElsewhere];
