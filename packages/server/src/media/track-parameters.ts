import { type MediaKind, type RtpParameters, ServiceError } from '@roomkey/protocol';
import type { types } from 'mediasoup';
import { isUsedExtension } from './codecs.ts';

// What may stand in an `a=fmtp` line of somebody else's session description: no line ends, no separators.
const PLAIN = /^[\x20-\x3a\x3c-\x7e]*$/;

const refuse = (message: string) => new ServiceError('rtpParametersInvalid', message);

/**
 * A track's parameters in the form that the engine takes, without what receivers must not inherit from a sender:
 * its CNAME (the engine makes one per transport), its stream names, header extensions that are not in use.
 *
 * The engine compares neither the kind with the codecs nor the codecs with each other, and hands codec
 * parameters on to every receiver; so both are checked here.
 *
 * @throws {ServiceError} `rtpParametersInvalid`.
 */
export function trackParameters(kind: MediaKind, sent: RtpParameters): types.RtpParameters {
  for (const { mimeType, parameters = {} } of sent.codecs) {
    if (!mimeType.toLowerCase().startsWith(`${kind}/`))
      throw refuse(`Every codec of this track must be ${kind}, RTX included.`);
    if (!Object.entries(parameters).every(([name, value]) => PLAIN.test(name) && PLAIN.test(String(value))))
      throw refuse('Codec parameters must be printable ASCII without semicolons.');
  }
  const { mid, codecs, encodings, headerExtensions = [] } = sent;
  return {
    ...(mid !== undefined && { mid }),
    codecs,
    encodings,
    headerExtensions: headerExtensions.flatMap(({ uri, id }) => (isUsedExtension(uri) ? [{ uri, id }] : [])),
    rtcp: { reducedSize: true },
  } as types.RtpParameters;
}

/** The codecs that receivers of a track may be sent, in lower case. RTX is one for every picture: the engine makes it by itself. */
export const sentMimeTypes = (kind: MediaKind, { codecs }: types.RtpParameters): ReadonlySet<string> =>
  new Set([...codecs.map(({ mimeType }) => mimeType.toLowerCase()), `${kind}/rtx`]);
