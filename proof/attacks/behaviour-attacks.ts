import { slots } from '@roomkey/tickets/permissions';
import type { Row } from '../permission-model.ts';
import type { Attack } from './attack.ts';

const receives = ({ direction }: Row) => direction === 'recv';
const sends = ({ direction }: Row) => direction === 'send';

const early: Attack = {
  name: 'sending before it is answered',
  says: 'all four slots are sent in before they are published; then they are, and nothing sent before the answer arrives late',
  async run(trial) {
    const { subject, stage } = trial;
    await subject.enter(255);
    const { client } = subject;
    const first = new Map<string, number>();
    stage.partner.arrivals.listen(({ who, stream, number }) => {
      if (who === client.who && !first.has(stream)) first.set(stream, number);
    });
    await trial.window(receives);
    const before = slots.map((slot) => ({ slot, packets: client.streams[slot].packets }));
    await subject.settle();
    for (const { slot, packets } of before)
      trial.must((first.get(slot) ?? 0) > packets, `${slot}: packet ${first.get(slot)} of before arrived`);
    await trial.window(() => true);
  },
};

const unconfirmed: Attack = {
  name: 'confirming nothing',
  says: 'no consumer is ever confirmed, so none may flow',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(255, { confirms: false });
    await subject.client.insist([trial.stage.partner.userId]);
    await trial.window(sends);
  },
};

const deaf: Attack = {
  name: 'reading nothing',
  says: 'the client reads its WebSocket no more and answers no ping, while an operator takes every bit',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(255);
    await subject.settle();
    subject.client.wire.goDeaf();
    await subject.deny(255);
    await trial.window(() => false);
  },
};

const muted: Attack = {
  name: 'lying about mute',
  says: 'all tracks are said to be muted, and sent all the same; then they are unmuted and flow',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(255);
    await subject.settle();
    const { wire, trackIds } = subject.client;
    const setMuted = (to: boolean) =>
      Promise.all([...trackIds.values()].map((trackId) => wire.ask('setMuted', { trackId, muted: to })));
    await setMuted(true);
    await trial.confirmed();
    await trial.window(receives);
    await setMuted(false);
    await trial.window(() => true);
  },
};

const replaced: Attack = {
  name: 'a replaced entry that goes on',
  says: 'the user has entered again; the client of before goes on sending and listening over its old association',
  async run(trial) {
    const { subject, stage } = trial;
    await subject.enter(255, { relayed: true });
    await subject.settle();
    const { client } = subject;
    const other = await trial.client(255);
    await other.insist([stage.partner.userId]);
    await trial.window(() => false, { client, inside: false });
    await trial.window(() => true, { client: other, inside: true });
  },
};

const kicked: Attack = {
  name: 'a kicked member that goes on',
  says: 'an operator has put the member out; it goes on sending and listening, and what it asks for is not heard',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(255, { relayed: true });
    await subject.settle();
    const { client } = subject;
    await trial.kick();
    const { send: transportId } = client.transportIds;
    const rtpParameters = client.parametersOf('camera');
    await trial.refused(
      'connectionLost',
      client.wire.closed.then(() =>
        client.wire.ask('publish', { transportId, slot: 'camera', rtpParameters }),
      ),
    );
    await trial.window(() => false, { client, inside: false });
  },
};

/** By what a client does that it should not, or does not do that it should. */
export const behaviourAttacks: readonly Attack[] = [early, unconfirmed, deaf, muted, replaced, kicked];
