import type { RtpParameters } from '@roomkey/protocol';
import type { Attack } from './attack.ts';

const midExtension = 'urn:ietf:params:rtp-hdrext:sdes:mid';
/** Entering, and sending a microphone. */
const microphoneOnly = 6;
/** Entering, and nothing else. */
const nothing = 2;

const payloadTypes: Attack = {
  name: 'other payload types',
  says: "under the microphone's SSRC come packets of payload types that were not agreed, video among them",
  async run(trial) {
    const { subject } = trial;
    await subject.enter(microphoneOnly);
    await subject.settle();
    const { ssrc } = subject.client.streams.microphone;
    await trial.barrage(
      [96, 97, 0, 127].map((payloadType) => ({ ssrc, payloadType, inPlaceOf: 'microphone' }) as const),
    );
    await trial.window(({ direction, slot }) => direction === 'send' && slot === 'microphone');
  },
};

const unknownSsrcs: Attack = {
  name: 'other SSRCs',
  says: 'packets come with SSRCs that no track was published with',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(255);
    await subject.settle();
    await trial.barrage([
      { ssrc: 0x7777_0001, payloadType: 111 },
      { ssrc: 0x7777_0002, payloadType: 96 },
    ]);
    await trial.window(() => true);
  },
};

const claimedMids: Attack = {
  name: 'other SSRCs with a known MID',
  says: 'packets with an SSRC that nobody published claim by the MID extension to belong to a track that is there',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(nothing);
    await subject.updatePrivateMapKey(255);
    const { client } = subject;
    const headerExtensions = [{ uri: midExtension, id: 4 }];
    const rtpParameters = { ...client.parametersOf('camera'), headerExtensions };
    const transportId = client.transportIds.send;
    await client.wire.ask('publish', { transportId, slot: 'camera', rtpParameters });
    await subject.settle();
    const claims = { id: 4, mid: 'camera' };
    await trial.barrage([
      { ssrc: 0x7777_0003, payloadType: 96, claims },
      { ssrc: 0x7777_0004, payloadType: 111, claims },
    ]);
    await trial.window(() => true);
  },
};

const foreignSsrcs: Attack = {
  name: "another member's SSRCs",
  says: 'a member without send bits sends with the SSRCs of its partner, whose own streams go on',
  async run(trial) {
    const { subject, stage } = trial;
    await subject.enter(nothing);
    const { microphone, camera, screen, screenAudio } = stage.partner.streams;
    await trial.barrage(
      [microphone, camera, screen, screenAudio].map(({ ssrc, payloadType }) => ({ ssrc, payloadType })),
    );
    await subject.updatePrivateMapKey(255);
    await subject.settle();
    await trial.window(() => true);
  },
};

const secondTrack: Attack = {
  name: 'the same slot twice',
  says: 'a slot that has a track is published again with another SSRC, and sent with both; its SSRC is also published as another slot',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(microphoneOnly);
    await subject.settle();
    const { client } = subject;
    const transportId = client.transportIds.send;
    const ssrc = 0x7777_0005;
    const other = { ...client.parametersOf('microphone'), mid: 'again', encodings: [{ ssrc }] };
    const publish = (slot: 'microphone' | 'screenAudio', rtpParameters: RtpParameters) =>
      client.wire.ask('publish', { transportId, slot, rtpParameters });
    await trial.refused('slotTaken', publish('microphone', other));
    await trial.refused('sendSubDenied', publish('screenAudio', client.parametersOf('microphone')));
    await trial.barrage([{ ssrc, payloadType: 111 }]);
    await trial.window(({ direction, slot }) => direction === 'send' && slot === 'microphone');
  },
};

const otherKind: Attack = {
  name: 'another kind',
  says: 'a slot is published with codecs of the other kind, alone and as retransmissions, and sent in',
  async run(trial) {
    const { subject } = trial;
    await subject.enter(microphoneOnly);
    const { client } = subject;
    const transportId = client.transportIds.send;
    const audio = client.parametersOf('microphone');
    const video = client.parametersOf('camera');
    const rtx = { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 111 } };
    const publish = (slot: 'microphone' | 'camera', rtpParameters: RtpParameters) =>
      client.wire.ask('publish', { transportId, slot, rtpParameters });
    await trial.refused('kindMismatch', publish('microphone', video));
    await trial.refused('kindMismatch', publish('microphone', { ...audio, codecs: [...audio.codecs, rtx] }));
    await trial.refused('sendVideoDenied', publish('camera', audio));
    const { ssrc, payloadType } = client.streams.camera;
    await trial.barrage([{ ssrc, payloadType, inPlaceOf: 'camera' }]);
    await subject.settle();
    await trial.window(({ direction, slot }) => direction === 'send' && slot === 'microphone');
  },
};

/** By packets that nobody agreed to. */
export const packetAttacks: readonly Attack[] = [
  payloadTypes,
  unknownSsrcs,
  claimedMids,
  foreignSsrcs,
  secondTrack,
  otherKind,
];
