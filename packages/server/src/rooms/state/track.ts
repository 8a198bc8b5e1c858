import { errors, limits, type RtpParameters, ServiceError, type TrackWire } from '@roomkey/protocol';
import { type Direction, missing, type Slot, slotKind, slotNeeds } from '@roomkey/tickets/permissions';

/** One published slot of a member. */
export interface Track {
  readonly trackId: string;
  readonly slot: Slot;
  muted: boolean;
  /** `offered`: being opened. `live`: others may receive it. `lost`: its media is gone and its publisher may bring it back. */
  state: 'offered' | 'live' | 'lost';
  /** The others know of it: from the first time it was live until it ends. */
  announced: boolean;
  /** This opening of the track, as the media plane knows it. */
  opening: {
    /** A track that comes back gets another. */
    readonly mediaId: string;
    readonly transportId: string;
    readonly rtpParameters: RtpParameters;
    /** Answers the request that published the track: without an error when it is live. */
    readonly answer: (error?: ServiceError) => void;
  };
}

/** A track as others see it. */
export const trackWire = ({ trackId, slot, muted }: Track): TrackWire => ({ trackId, slot, muted });

const isRetransmission = (mimeType: string) => mimeType.toLowerCase().endsWith('/rtx');

/**
 * Holds what a client says of a track against its slot: every codec, RTX included, is of the slot's kind
 * (the engine does not compare them), one of them is a media codec, and there are no more encodings than the slot takes.
 *
 * @throws {ServiceError} `kindMismatch`, `rtpParametersInvalid`, `tooManyEncodings`
 */
export function checkParameters(slot: Slot, { codecs, encodings }: RtpParameters): void {
  const kind = slotKind(slot);
  if (codecs.some(({ mimeType }) => !mimeType.toLowerCase().startsWith(`${kind}/`))) {
    throw new ServiceError('kindMismatch');
  }
  // With several, a stream of one codec could reach a consumer that the engine has set up for another.
  if (codecs.filter(({ mimeType }) => !isRetransmission(mimeType)).length !== 1)
    throw new ServiceError('rtpParametersInvalid', 'A track has one codec, and the RTX that belongs to it.');
  if (encodings.length > (slot === 'camera' ? limits.cameraEncodings : 1))
    throw new ServiceError('tooManyEncodings');
}

/** The refusal for want of a slot's permission; it names the first one that is missing. */
export function slotDenied(direction: Direction, slot: Slot, effective: number): ServiceError {
  const [permission] = missing(effective, slotNeeds(direction, slot));
  const code = `${permission}Denied`;
  if (!Object.hasOwn(errors, code)) throw new TypeError(`${direction} ${slot} is permitted`);
  return new ServiceError(code as keyof typeof errors, undefined, { data: { permission } });
}
