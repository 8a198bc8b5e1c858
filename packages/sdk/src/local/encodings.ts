import type { types } from 'mediasoup-client';
import type { VideoProfile } from '../calls/profiles.ts';

type Encoding = types.RtpEncodingParameters;

/** From this width on a camera is sent in three sizes at once, so that each watcher gets what its link carries. */
const SIMULCAST_MIN_WIDTH = 640;

/** The part of the bitrate that each size may take, lowest first. */
const LAYER_SHARES = [0.12, 0.35, 1] as const;

/** The encodings of a camera. VP9 carries its sizes inside one encoding (SVC), the others in three (simulcast). */
export function cameraEncodings(track: MediaStreamTrack, profile: VideoProfile, codec?: string): Encoding[] {
  const width = track.getSettings?.().width ?? profile.width;
  const maxBitrate = profile.bitrate * 1000;
  if (width < SIMULCAST_MIN_WIDTH) return [{ maxBitrate, scalabilityMode: 'L1T3' }];
  if (codec === 'VP9') return [{ maxBitrate, scalabilityMode: 'L3T3_KEY' }];
  return LAYER_SHARES.map((share, layer) => ({
    scaleResolutionDownBy: 2 ** (LAYER_SHARES.length - 1 - layer),
    maxBitrate: Math.round(maxBitrate * share),
    scalabilityMode: 'L1T3',
  }));
}

/** The one encoding of a shared screen. */
export function screenEncodings(profile: VideoProfile): Encoding[] {
  return [{ maxBitrate: profile.bitrate * 1000, maxFramerate: profile.frameRate }];
}

/** Such encodings with the bitrates of another profile. */
export function withProfile(encodings: readonly Encoding[], profile: VideoProfile): Encoding[] {
  const maxBitrate = profile.bitrate * 1000;
  const shares = encodings.length === 1 ? [1] : LAYER_SHARES;
  return encodings.map((encoding, layer) => ({
    ...encoding,
    maxBitrate: Math.round(maxBitrate * (shares[layer] ?? 1)),
  }));
}
