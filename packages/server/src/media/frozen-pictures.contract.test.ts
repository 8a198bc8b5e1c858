import { RtpPeer, type SentStream, sentParameters } from '@roomkey/testkit/rtp';
import { observer, type types } from 'mediasoup';
import { expect, onTestFinished, test } from 'vitest';
import { PictureSender } from './picture-sender.fixture.ts';
import { show } from './pictures.fixture.ts';
import { camera, hear, openTrack, openTransports, second, start, until } from './plane.fixture.ts';

const seconds = async (count: number) => {
  for (let passed = 0; passed < count; passed++) await second();
};

test('a sender who makes no key frame fills no log: there is a line for all receivers', async () => {
  const lines: unknown[] = [];
  const plane = await start({
    log: (level, message, fields) =>
      level === 'warn' && lines.push([message, fields?.['mend'], fields?.['receivers']]),
  });
  const heard = hear(plane);
  const { watchers } = await show(plane, { behaviour: { obeys: false }, watchers: 15 });
  await Promise.all(watchers.map(({ consumerId }) => plane.resumeConsumer(consumerId)));
  await until(() => heard.pictureFrozen.length === 15, 30_000);
  await seconds(2);
  expect(lines).toEqual([
    ['a picture did not reach its receivers', 'reset', 15],
    ['a picture did not reach its receivers', 'renewed', 15],
  ]);
});

test('a sender who makes no key frame and publishes anew every four seconds has its pictures mended ever more seldom', async () => {
  const plane = await start();
  const { send, recv } = await openTransports(plane);
  const sender = RtpPeer.sender(send, [camera]);
  onTestFinished(() => sender.close());
  await plane.connectTransport('send', sender.dtlsParameters);
  const { rtpCapabilities } = plane;
  const mended: number[] = [];
  for (const trackId of ['first', 'second', 'third', 'fourth']) {
    await openTrack(plane, camera, { trackId });
    await plane.setTrackPaused(trackId, false);
    const consumerId = `consumer of ${trackId}`;
    const offer = await plane.openConsumer({ consumerId, transportId: 'recv', trackId, rtpCapabilities });
    if (trackId === 'first') {
      const receiver = RtpPeer.receiver(recv, [offer]);
      onTestFinished(() => receiver.close());
      await plane.connectTransport('recv', receiver.dtlsParameters);
      await until(() => sender.state === 'connected' && receiver.state === 'connected');
      new PictureSender(sender, [camera], { obeys: false });
      await second();
    }
    await plane.resumeConsumer(consumerId);
    await seconds(4);
    plane.closeTrack(trackId);
    mended.push((await plane.snapshot()).mended.reset);
  }
  expect(mended).toEqual([1, 2, 2, 2]);
});

const vp9: SentStream = { mid: '0', kind: 'video', ssrc: 2000, payloadType: 98 };

/** Sends thirty frames of VP9 a second, one in fifteen a key frame (RFC 9628: B, E and, but for that, P). */
function sendVp9(sender: RtpPeer): void {
  let frame = 0;
  const timer = setInterval(() => {
    const packet = Buffer.alloc(12 + 1 + 500);
    packet[0] = 0x80;
    packet[1] = 0x80 | vp9.payloadType;
    packet.writeUInt16BE(frame & 0xffff, 2);
    packet.writeUInt32BE((frame * 3000) >>> 0, 4);
    packet.writeUInt32BE(vp9.ssrc, 8);
    packet[12] = frame++ % 15 === 0 ? 0x0c : 0x4c;
    sender.sendPacket(vp9, packet);
  }, 33);
  onTestFinished(() => clearInterval(timer));
}

test.each([[undefined], ['L1T1'], ['S1T1'], ['L1T3']])(
  'a picture in VP9 with the mode %s that flows is left alone',
  async (scalabilityMode) => {
    const plane = await start();
    const heard = hear(plane);
    const { send, recv } = await openTransports(plane);
    const sender = RtpPeer.sender(send, [vp9]);
    const codec = {
      mimeType: 'video/VP9',
      payloadType: 98,
      clockRate: 90_000,
      parameters: { 'profile-id': 0 },
    };
    await plane.openTrack({
      trackId: 'track',
      transportId: 'send',
      kind: 'video',
      slot: 'camera',
      rtpParameters: {
        ...sentParameters(vp9),
        codecs: [{ ...codec, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] }],
        encodings: [{ ssrc: vp9.ssrc, ...(scalabilityMode && { scalabilityMode }) }],
      },
    });
    await plane.connectTransport('send', sender.dtlsParameters);
    const { rtpCapabilities } = plane;
    const opening = { consumerId: 'consumer', transportId: 'recv', trackId: 'track', rtpCapabilities };
    const offer = await plane.openConsumer(opening);
    const receiver = RtpPeer.receiver(recv, [offer]);
    onTestFinished(() => {
      sender.close();
      receiver.close();
    });
    await plane.connectTransport('recv', receiver.dtlsParameters);
    await until(() => sender.state === 'connected' && receiver.state === 'connected');
    await plane.setTrackPaused('track', false);
    sendVp9(sender);
    await plane.resumeConsumer('consumer');
    const ssrc = offer.rtpParameters.encodings[0]?.ssrc ?? 0;
    await until(() => receiver.received(ssrc) > 60);
    const before = receiver.received(ssrc);
    await seconds(9);
    expect(receiver.received(ssrc) - before).toBeGreaterThan(150);
    expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
    expect(heard.pictureFrozen).toEqual([]);
    expect(offer.rtpParameters.encodings[0]?.scalabilityMode).toBe(scalabilityMode);
  },
);

test('a receiver who is not connected yet is not told that its link is narrow, and its link is not capped', async () => {
  const caps: number[] = [];
  const watch = (worker: types.Worker) =>
    worker.observer.on('newrouter', (router) =>
      router.observer.on('newtransport', (made) => {
        const transport = made as types.WebRtcTransport;
        const set = transport.setMaxOutgoingBitrate.bind(transport);
        transport.setMaxOutgoingBitrate = (cap) => {
          caps.push(cap);
          return set(cap);
        };
      }),
    );
  observer.on('newworker', watch);
  onTestFinished(() => void observer.off('newworker', watch));
  const plane = await start();
  const heard = hear(plane);
  const { send, recv } = await openTransports(plane);
  const sender = RtpPeer.sender(send, [camera]);
  await openTrack(plane, camera);
  await plane.connectTransport('send', sender.dtlsParameters);
  await until(() => sender.state === 'connected');
  await plane.setTrackPaused('video', false);
  new PictureSender(sender, [camera]);
  await second();
  const { rtpCapabilities } = plane;
  const opening = { consumerId: 'consumer', transportId: 'recv', trackId: 'video', rtpCapabilities };
  const offer = await plane.openConsumer(opening);
  await plane.resumeConsumer('consumer');
  await seconds(3);
  const receiver = RtpPeer.receiver(recv, [offer]);
  onTestFinished(() => {
    sender.close();
    receiver.close();
  });
  await plane.connectTransport('recv', receiver.dtlsParameters);
  const ssrc = offer.rtpParameters.encodings[0]?.ssrc ?? 0;
  await until(() => receiver.received(ssrc) > 5);
  await seconds(3);
  expect((await plane.snapshot()).mended).toEqual({ reset: 0, renewed: 0 });
  expect(heard.pictureWaits).toEqual([]);
  expect(caps).toEqual([]);
});
