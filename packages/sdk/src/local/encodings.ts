import type { types } from 'mediasoup-client';
import type { VideoProfile } from '../calls/profiles.ts';

type Encoding = types.RtpEncodingParameters;

/** From this width on a camera is sent in three sizes at once, so that each watcher gets what its link carries. */
const SIMULCAST_MIN_WIDTH = 640;

/** The largest bitrate that the wire takes. */
const MAX_BITRATE = 0xff_ff_ff_ff;

/** The part of the bitrate that each size may take, lowest first. */
const LAYER_SHARES = [0.12, 0.35, 1] as const;

/** A profile's bitrate, or a share of it, in the whole bits per second that the wire takes. */
const bitsPerSecond = ({ bitrate }: VideoProfile, share = 1): number =>
  Math.min(Math.max(Math.round(bitrate * 1000 * share), 1), MAX_BITRATE);

/** The encodings of a camera. VP9 carries its sizes inside one encoding (SVC), the others in three (simulcast). */
export function cameraEncodings(track: MediaStreamTrack, profile: VideoProfile, codec?: string): Encoding[] {
  const width = track.getSettings?.().width ?? profile.width;
  const maxBitrate = bitsPerSecond(profile);
  if (width < SIMULCAST_MIN_WIDTH) return [{ maxBitrate, scalabilityMode: 'L1T3' }];
  if (codec === 'VP9') return [{ maxBitrate, scalabilityMode: 'L3T3_KEY' }];
  return LAYER_SHARES.map((share, layer) => ({
    scaleResolutionDownBy: 2 ** (LAYER_SHARES.length - 1 - layer),
    maxBitrate: bitsPerSecond(profile, share),
    scalabilityMode: 'L1T3',
  }));
}

/** The one encoding of a shared screen. */
export function screenEncodings(profile: VideoProfile): Encoding[] {
  return [{ maxBitrate: bitsPerSecond(profile), maxFramerate: profile.frameRate }];
}

/** Such encodings with the bitrates of another profile. */
export function withProfile(encodings: readonly Encoding[], profile: VideoProfile): Encoding[] {
  const shares = encodings.length === 1 ? [1] : LAYER_SHARES;
  return encodings.map((encoding, layer) => ({
    ...encoding,
    maxBitrate: bitsPerSecond(profile, shares[layer]),
  }));
}
