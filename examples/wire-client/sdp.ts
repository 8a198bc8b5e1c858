import type { Codec, DtlsParameters, Kind, RtpParameters, Transport } from './messages.ts';

/** One track in a session description of the server. */
export interface Section {
  readonly mid: string;
  readonly kind: Kind;
  /** As the server says it: `recvonly` what it receives, `sendonly` what it sends, `inactive` what has ended. */
  readonly direction: 'recvonly' | 'sendonly' | 'inactive';
  readonly rtp: RtpParameters;
}

/**
 * The server's side of a peer connection as SDP: the answer to a client that sends (`passive`), or the offer to a
 * client that receives (`actpass`). The server itself knows no SDP; everything comes from the transport's objects.
 */
export function serverDescription(
  transport: Transport,
  setup: 'passive' | 'actpass',
  sections: readonly Section[],
): string {
  const fingerprint = transport.dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  if (!fingerprint) throw new Error('The server has no SHA-256 fingerprint.');
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${sections.map(({ mid }) => mid).join(' ')}`,
    'a=ice-lite',
    `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
    ...sections.flatMap((section) => sectionLines(section, transport, setup)),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The fingerprint in a local description, for `connectTransport`: this client is always the DTLS client. */
export function localDtlsParameters(sdp: string): DtlsParameters {
  const [, algorithm = '', value = ''] = /^a=fingerprint:(\S+) (\S+)/m.exec(sdp) ?? [];
  if (!value) throw new Error('The local description has no fingerprint.');
  return { role: 'client', fingerprints: [{ algorithm: algorithm.toLowerCase(), value }] };
}

function sectionLines({ mid, kind, direction, rtp }: Section, transport: Transport, setup: string): string[] {
  const { usernameFragment, password } = transport.iceParameters;
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${rtp.codecs.map(({ payloadType }) => payloadType).join(' ')}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${mid}`,
    `a=${direction}`,
    `a=ice-ufrag:${usernameFragment}`,
    `a=ice-pwd:${password}`,
    ...candidateLines(transport),
    `a=setup:${setup}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...rtp.codecs.flatMap(codecLines),
    ...(rtp.headerExtensions ?? []).map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...(direction === 'sendonly' ? ssrcLines(rtp) : []),
  ];
}

const candidateLines = ({ iceCandidates }: Transport): string[] => [
  ...iceCandidates.map(({ foundation, protocol, priority, address, port, type, tcpType }) => {
    const tcp = tcpType ? ` tcptype ${tcpType}` : '';
    return `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ ${type}${tcp}`;
  }),
  'a=end-of-candidates',
];

function codecLines({
  mimeType,
  payloadType,
  clockRate,
  channels,
  parameters,
  rtcpFeedback,
}: Codec): string[] {
  const name = mimeType.slice(mimeType.indexOf('/') + 1);
  const map = `a=rtpmap:${payloadType} ${name}/${clockRate}${channels && channels > 1 ? `/${channels}` : ''}`;
  const format = Object.entries(parameters ?? {}).map(([key, value]) => `${key}=${value}`);
  const feedback = (rtcpFeedback ?? []).map(({ type, parameter }) =>
    `a=rtcp-fb:${payloadType} ${type} ${parameter ?? ''}`.trimEnd(),
  );
  return [map, ...(format.length ? [`a=fmtp:${payloadType} ${format.join(';')}`] : []), ...feedback];
}

function ssrcLines({ encodings, rtcp }: RtpParameters): string[] {
  const cname = rtcp?.cname ?? '-';
  return encodings.flatMap(({ ssrc, rtx }) => {
    if (ssrc === undefined) return [];
    const media = `a=ssrc:${ssrc} cname:${cname}`;
    return rtx
      ? [`a=ssrc-group:FID ${ssrc} ${rtx.ssrc}`, media, `a=ssrc:${rtx.ssrc} cname:${cname}`]
      : [media];
  });
}
