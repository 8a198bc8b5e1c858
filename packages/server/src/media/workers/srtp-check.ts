import { once } from 'node:events';
import type { types } from 'mediasoup';
import { systemClock } from '../../system-clock.ts';

const payloadType = 100;
const ssrc = 0x5eed0001;
const opus: types.RouterRtpCodecCapability = {
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: payloadType,
  clockRate: 48_000,
  channels: 2,
};
const payload = Buffer.from('a packet that is encrypted and decrypted');
/** How often the packet is sent: a datagram may be lost. */
const TRIES = 40;
const TRY_MS = 50;

/**
 * Lets a worker encrypt a packet with SRTP, send it to itself, and decrypt it. A worker whose SRTP does not work says so
 * nowhere: its members connect, and get not one packet.
 *
 * The first use also loads what the SRTP library needs, while there are files that can be opened.
 *
 * @throws when the packet does not arrive as it was
 */
export async function checkSrtp(worker: types.Worker, { ip, portRange }: CheckAddress): Promise<void> {
  const routers: types.Router[] = [];
  const open = async () => {
    const router = await worker.createRouter({ mediaCodecs: [opus] });
    routers.push(router);
    const listenInfo = { protocol: 'udp', ip, portRange } as const;
    const pipe = await router.createPipeTransport({ listenInfo, enableSrtp: true });
    return { router, pipe, direct: await router.createDirectTransport() };
  };
  try {
    const [near, far] = [await open(), await open()];
    await near.pipe.connect(addressOf(far.pipe));
    await far.pipe.connect(addressOf(near.pipe));
    const rtpParameters = { codecs: [{ ...opus, payloadType }], encodings: [{ ssrc }] };
    const source = await near.direct.produce({ kind: 'audio', rtpParameters });
    const outgoing = await near.pipe.consume({ producerId: source.id });
    const incoming = await far.pipe.produce({ kind: 'audio', rtpParameters: outgoing.rtpParameters });
    const { rtpCapabilities } = far.router;
    const sink = await far.direct.consume({ producerId: incoming.id, rtpCapabilities });
    await passPacket(source, sink);
  } finally {
    for (const router of routers) router.close();
  }
}

/** Where the worker sends the packet to itself. */
export interface CheckAddress {
  readonly ip: string;
  readonly portRange: { readonly min: number; readonly max: number };
}

/** An address of this computer, and ports that no worker listens on. */
export function checkAddress(listenIp: string, portBase = 0): CheckAddress {
  const ip = listenIp === '0.0.0.0' ? '127.0.0.1' : listenIp === '::' ? '::1' : listenIp;
  return { ip, portRange: portBase < 30_000 ? { min: 31_000, max: 59_999 } : { min: 10_000, max: 29_999 } };
}

function addressOf({ tuple, srtpParameters }: types.PipeTransport) {
  return {
    ip: tuple.localAddress,
    port: tuple.localPort,
    ...(srtpParameters && { srtpParameters }),
  };
}

async function passPacket(source: types.Producer, sink: types.Consumer): Promise<void> {
  const late = new AbortController();
  let sequence = 0;
  const send = () => source.send(rtpPacket(++sequence));
  let cancel = () => {};
  // Counted in tries and not in time: while this process is busy, a packet may be here that is not read yet.
  const tryAgain = () => {
    cancel = systemClock.after(TRY_MS, () => {
      if (sequence >= TRIES) return late.abort();
      send();
      tryAgain();
    });
  };
  try {
    const arrived = once(sink, 'rtp', { signal: late.signal });
    send();
    tryAgain();
    const [packet] = (await arrived) as [Buffer];
    if (!packet.subarray(-payload.length).equals(payload)) throw new Error('SRTP changed a packet');
  } catch (error) {
    throw late.signal.aborted ? new Error('no packet came through SRTP', { cause: error }) : error;
  } finally {
    cancel();
  }
}

function rtpPacket(sequence: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x80, 0);
  header.writeUInt8(payloadType, 1);
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(sequence * 960, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

/** The process id of a worker that says it cannot make an SRTP session: a member is connected to it and gets nothing. */
export function withoutSrtp(message: string): number | undefined {
  const [, pid] = /^\[pid:(\d+)\] .*error creating SRTP/.exec(message) ?? [];
  return pid === undefined ? undefined : Number(pid);
}
