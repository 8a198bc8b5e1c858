import { errors, type RtpParameters, ServiceError, type TrackWire } from '@roomkey/protocol';
import { type Direction, missing, type Slot, slotNeeds } from '@roomkey/tickets/permissions';

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

/** The refusal for want of a slot's permission; it names the first one that is missing. */
export function slotDenied(direction: Direction, slot: Slot, effective: number): ServiceError {
  const [permission] = missing(effective, slotNeeds(direction, slot));
  const code = `${permission}Denied`;
  if (!Object.hasOwn(errors, code)) throw new TypeError(`${direction} ${slot} is permitted`);
  return new ServiceError(code as keyof typeof errors, undefined, { data: { permission } });
}
