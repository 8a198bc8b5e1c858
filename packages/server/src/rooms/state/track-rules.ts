import { limits, type RtpParameters, ServiceError } from '@roomkey/protocol';
import { type Slot, slotKind } from '@roomkey/tickets/permissions';

const refuse = (message: string): ServiceError => new ServiceError('rtpParametersInvalid', message);

/** What the engine does not compare, or finds out only on the wire. */
const rules: readonly (readonly [isKept: (sent: RtpParameters) => boolean, says: string])[] = [
  [
    // With several, a stream of one codec could reach a consumer that the engine has set up for another.
    ({ codecs: [media, rtx, ...more] }) =>
      media !== undefined && !isRtx(media) && (rtx === undefined || isRtx(rtx)) && more.length === 0,
    'A track has one codec, and behind it the RTX that belongs to it.',
  ],
  [
    ({ codecs: [media, rtx] }) =>
      rtx === undefined ||
      (rtx.parameters?.['apt'] === media?.payloadType && rtx.payloadType !== media?.payloadType),
    'The RTX codec has a payload type of its own, and that of the codec as `apt`.',
  ],
  [
    ({ codecs: [media], encodings }) =>
      encodings.every(
        ({ codecPayloadType }) => codecPayloadType === undefined || codecPayloadType === media?.payloadType,
      ),
    'codecPayloadType is the payload type of the codec.',
  ],
  [
    ({ codecs: [, rtx], encodings }) => rtx !== undefined || encodings.every((encoding) => !encoding.rtx),
    'Retransmissions need an RTX codec.',
  ],
  [
    ({ mid, encodings }) =>
      encodings.every(
        ({ ssrc, rid }) =>
          ssrc !== undefined || rid !== undefined || (mid !== undefined && encodings.length === 1),
      ),
    'Say the ssrc of each encoding, or its rid; a single one is also known by the mid.',
  ],
  [({ encodings }) => areDifferent(encodings.map(({ rid }) => rid)), 'Two encodings have the same rid.'],
  [
    ({ encodings }) => areDifferent(encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc])),
    'An ssrc is named twice.',
  ],
  [
    ({ headerExtensions = [] }) =>
      areDifferent(headerExtensions.map(({ id }) => id)) &&
      areDifferent(headerExtensions.map(({ uri }) => uri)),
    'A header extension, or its id, is named twice.',
  ],
  [
    ({ headerExtensions = [] }) => !headerExtensions.some(({ encrypt }) => encrypt),
    'Encrypted header extensions are not used.',
  ],
  [
    ({ rtcp }) => rtcp?.mux !== false && rtcp?.reducedSize !== false,
    'RTCP shares the port of RTP, and may be of reduced size.',
  ],
];

/**
 * Holds what a client says of a track against its slot, and against the rules of docs/protocol.md that the engine does not know.
 *
 * @throws {ServiceError} `kindMismatch`, `rtpParametersInvalid`, `tooManyEncodings`
 */
export function checkParameters(slot: Slot, sent: RtpParameters): void {
  const kind = slotKind(slot);
  if (sent.codecs.some(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`)))
    throw new ServiceError('kindMismatch');
  for (const [isKept, says] of rules) if (!isKept(sent)) throw refuse(says);
  if (sent.encodings.length > mostEncodings(slot, sent)) throw new ServiceError('tooManyEncodings');
}

/**
 * Holds the header extensions of a track against those of the tracks beside it on the same transport, where an id means one thing.
 *
 * @throws {ServiceError} `rtpParametersInvalid`
 */
export function checkBeside(sent: RtpParameters, others: Iterable<RtpParameters>): void {
  for (const { headerExtensions = [] } of others)
    for (const { uri, id } of sent.headerExtensions ?? [])
      if (headerExtensions.some((other) => (other.uri === uri) !== (other.id === id)))
        throw refuse(
          'Another track of the transport has another id for a header extension, or another extension with the id.',
        );
}

/** VP9 carries its layers in one encoding. */
const mostEncodings = (slot: Slot, { codecs: [media] }: RtpParameters): number =>
  media?.mimeType.toLowerCase() === 'video/vp9' ? 1 : limits.encodings[slot];

const isRtx = ({ mimeType }: RtpParameters['codecs'][number]): boolean =>
  mimeType.toLowerCase().endsWith('/rtx');

function areDifferent(values: readonly unknown[]): boolean {
  const given = values.filter((value) => value !== undefined);
  return new Set(given).size === given.length;
}
