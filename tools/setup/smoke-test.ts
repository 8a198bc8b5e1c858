import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { types } from 'mediasoup';
import { IceRelay } from './ice-relay.ts';

// Program: `node --import tsx tools/setup/smoke-test.ts WORKER`. Two WebRTC transports of the worker shake hands with each
// other and pass on one RTP packet: ICE, DTLS and SRTP work, both ways. Exit code 0 when it arrived unchanged.

const payloadType = 100;
const ssrc = 0x5eed0001;
const opus: types.RouterRtpCodecCapability = {
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: payloadType,
  clockRate: 48_000,
  channels: 2,
};
const payload = Buffer.from('a packet of the smoke test');
const timeLimitMilliseconds = 20_000;

/** Passes a packet through the worker at `workerBin`; throws when it does not arrive or the worker dies. */
async function smokeTest(workerBin: string): Promise<void> {
  const require = createRequire(new URL('../../packages/server/package.json', import.meta.url));
  const mediasoup: typeof import('mediasoup') = require('mediasoup');
  const worker = await mediasoup.createWorker({ workerBin, logLevel: 'none' });
  const died = once(worker, 'died').then(([error]) => Promise.reject(error));
  const late = AbortSignal.timeout(timeLimitMilliseconds);
  try {
    await Promise.race([
      died,
      once(late, 'abort').then(() => Promise.reject(late.reason)),
      passPacket(worker),
    ]);
  } finally {
    worker.close();
  }
}

async function passPacket(worker: types.Worker): Promise<void> {
  const [near, far] = await Promise.all([openSide(worker), openSide(worker)]);
  const relay = await IceRelay.open(near.webRtc, far.webRtc);
  try {
    await Promise.all([
      near.webRtc.connect({ dtlsParameters: { ...far.webRtc.dtlsParameters, role: 'server' } }),
      far.webRtc.connect({ dtlsParameters: { ...near.webRtc.dtlsParameters, role: 'client' } }),
    ]);
    await Promise.all([handshake(near.webRtc), handshake(far.webRtc)]);

    const rtpParameters = { codecs: [{ ...opus, payloadType }], encodings: [{ ssrc }] };
    const source = await near.direct.produce({ kind: 'audio', rtpParameters });
    const { rtpCapabilities } = near.router;
    const outgoing = await near.webRtc.consume({ producerId: source.id, rtpCapabilities });
    const incoming = await far.webRtc.produce({ kind: 'audio', rtpParameters: outgoing.rtpParameters });
    const sink = await far.direct.consume({ producerId: incoming.id, rtpCapabilities });

    const arrived = once(sink, 'rtp');
    source.send(rtpPacket());
    const [packet] = (await arrived) as [Buffer];
    if (!packet.subarray(-payload.length).equals(payload))
      throw new Error('the packet was changed on its way');
  } finally {
    relay.close();
  }
}

async function openSide(worker: types.Worker): Promise<{
  router: types.Router;
  webRtc: types.WebRtcTransport;
  direct: types.DirectTransport;
}> {
  const router = await worker.createRouter({ mediaCodecs: [opus] });
  const webRtc = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  return { router, webRtc, direct: await router.createDirectTransport() };
}

function handshake(transport: types.WebRtcTransport): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (state: types.DtlsState): void => {
      if (state === 'connected') resolve();
      if (state === 'failed' || state === 'closed') reject(new Error(`DTLS ${state}`));
    };
    transport.on('dtlsstatechange', check);
    check(transport.dtlsState);
  });
}

function rtpPacket(): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(payloadType, 1);
  header.writeUInt16BE(1, 2);
  header.writeUInt32BE(960, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

const workerBin = process.argv[2];
if (workerBin === undefined) throw new Error('usage: smoke-test.ts WORKER');
await smokeTest(workerBin);
process.exit(0);
