import type { TransportOffer } from '@roomkey/protocol';

/** One media section: its `m=` line and its own attributes. */
export interface Section {
  readonly mid: string;
  readonly lines: readonly string[];
}

/** The server's session description, from what it says of its transport. */
export function serverDescription(
  offer: TransportOffer,
  setup: 'passive' | 'actpass',
  sections: readonly Section[],
): string {
  const { iceParameters, iceCandidates, dtlsParameters } = offer;
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  const candidates = iceCandidates
    .filter(({ protocol }) => protocol === 'udp')
    .map(
      ({ foundation, priority, address, port }) =>
        `a=candidate:${foundation} 1 udp ${priority} ${address} ${port} typ host`,
    );
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    'a=ice-lite',
    `a=fingerprint:sha-256 ${fingerprint?.value}`,
    `a=group:BUNDLE ${sections.map(({ mid }) => mid).join(' ')}`,
    ...sections.flatMap(({ mid, lines: [media = '', ...attributes] }) => [
      media,
      'c=IN IP4 0.0.0.0',
      `a=mid:${mid}`,
      `a=ice-ufrag:${iceParameters.usernameFragment}`,
      `a=ice-pwd:${iceParameters.password}`,
      `a=setup:${setup}`,
      'a=rtcp-mux',
      ...attributes,
      ...candidates,
    ]),
    '',
  ].join('\r\n');
}
