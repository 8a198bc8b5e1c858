/** The peer of `bench:entry`: mediasoup alone, asked to make what the server has made for the same entries. */
import type { RtpCapabilities } from '@roomkey/protocol';
import { createWorker, type types } from 'mediasoup';
import { answerParent } from '../child.ts';
import { absentPeer, type EntryPlan, type EntryRun, enterAll, publishedTracks } from './plan.ts';

let worker: types.Worker;
let webRtcServer: types.WebRtcServer;
let routers: types.Router[] = [];

const methods = {
  /** Starts the worker; returns its process id. */
  async start({ workerBin }: { workerBin: string | undefined }): Promise<number> {
    worker = await createWorker({ logLevel: 'error', ...(workerBin && { workerBin }) });
    const ip = '127.0.0.1';
    webRtcServer = await worker.createWebRtcServer({
      listenInfos: [
        { protocol: 'udp', ip },
        { protocol: 'tcp', ip },
      ],
    });
    return worker.pid;
  },

  run({ plan, capabilities }: { plan: EntryPlan; capabilities: RtpCapabilities }): Promise<EntryRun> {
    const rtpCapabilities = receivable(capabilities as types.RtpCapabilities);
    const mediaCodecs = codecsOf(rtpCapabilities);
    const rooms = new Map<number, { router: types.Router; producers: types.Producer[] }>();
    return enterAll(plan, async (index, member) => {
      if (member === 0) {
        const router = await worker.createRouter({ mediaCodecs });
        routers.push(router);
        const [producers] = await Promise.all([publish(router), openTransport(router)]);
        rooms.set(index, { router, producers });
        return;
      }
      const { router, producers = [] } = rooms.get(index) ?? {};
      if (!router) throw new Error('the room was not opened');
      const transport = await openTransport(router);
      await Promise.all(producers.map(({ id }) => transport.consume({ producerId: id, rtpCapabilities })));
    });
  },

  leave(): void {
    for (const router of routers) router.close();
    routers = [];
  },
};

export type BareEngineMethods = typeof methods;

async function openTransport(router: types.Router): Promise<types.WebRtcTransport> {
  const transport = await router.createWebRtcTransport({ webRtcServer, preferUdp: true });
  await transport.connect({ dtlsParameters: absentPeer as types.DtlsParameters });
  return transport;
}

async function publish(router: types.Router): Promise<types.Producer[]> {
  const transport = await openTransport(router);
  return Promise.all(
    publishedTracks.map(({ kind, rtpParameters }) =>
      transport.produce({ kind, rtpParameters: rtpParameters as types.RtpParameters }),
    ),
  );
}

/** Without transport-cc, as the server does it for those who receive single-layer pictures. */
function receivable({ codecs = [], headerExtensions = [] }: types.RtpCapabilities): types.RtpCapabilities {
  return {
    codecs,
    headerExtensions: headerExtensions.filter(({ uri }) => !uri.includes('transport-wide-cc')),
  };
}

/** The codecs of a router that can do what the server can. */
function codecsOf({ codecs = [] }: types.RtpCapabilities): types.RouterRtpCodecCapability[] {
  return codecs
    .filter(({ mimeType }) => !mimeType.toLowerCase().endsWith('/rtx'))
    .map(({ rtcpFeedback: _, ...codec }) => codec);
}

answerParent(methods);
