import type { RtpCapabilities } from '@roomkey/protocol';
import { ortc, type types } from 'mediasoup';

const transportCc = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/**
 * The header extensions that are used, out of all the engine knows: each one costs CPU and bytes per packet.
 * MID for BUNDLE, the two stream ids for simulcast, transport-cc for congestion control.
 */
const usedExtensions: readonly string[] = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  transportCc,
];

/** What every router takes and sends. RTX comes with each video codec. */
export const routerCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 } },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
];

/**
 * What is offered to clients: the router's codecs and the header extensions in use. Without `goog-remb`:
 * the engine (3.27.1) estimates for its receivers from transport-cc alone and throws REMB reports away.
 */
export function offeredCapabilities(): RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = ortc.generateRouterRtpCapabilities(routerCodecs);
  return {
    codecs: codecs.map(({ rtcpFeedback = [], parameters = {}, ...codec }) => ({
      ...codec,
      parameters: parameters as NonNullable<RtpCapabilities['codecs'][number]['parameters']>,
      rtcpFeedback: rtcpFeedback.filter(({ type }) => type !== 'goog-remb'),
    })),
    headerExtensions: headerExtensions.filter(({ uri }) => usedExtensions.includes(uri)),
  };
}

/**
 * What a receiver is sent of what it can receive. Of codecs only those of the track, by `mimeTypes` in lower case: the engine
 * copies and checks all that it is given for each consumer. Of header extensions only those that are offered here, and
 * transport-cc only when `estimate` is set, because it costs the worker about a third more CPU per packet. The engine shares one
 * estimate among all pictures of a transport. Sound is not in it: it is not numbered, so the estimate is what is left for pictures.
 */
export function receiverCapabilities(
  client: RtpCapabilities,
  mimeTypes: ReadonlySet<string>,
  estimate: boolean,
): types.RtpCapabilities {
  const headerExtensions = (client.headerExtensions ?? []).filter(
    ({ uri }) => usedExtensions.includes(uri) && (estimate || uri !== transportCc),
  );
  const codecs = client.codecs.filter(({ mimeType }) => mimeTypes.has(mimeType.toLowerCase()));
  return { codecs, headerExtensions } as types.RtpCapabilities;
}

/** Header extensions of a sender that are used here; the engine ignores the others on the wire. */
export const isUsedExtension = (uri: string): boolean => usedExtensions.includes(uri);
