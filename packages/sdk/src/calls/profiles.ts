/** Size, frames per second and kilobits per second of a video. */
export interface VideoProfile {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly bitrate: number;
}

const video = (width: number, height: number, frameRate: number, bitrate: number): VideoProfile => ({
  width,
  height,
  frameRate,
  bitrate,
});

/** Named profiles of a camera, as the vendor's reference lists them. Default: `480p`. */
export const videoProfiles = {
  '120p': video(160, 120, 15, 200),
  '180p': video(320, 180, 15, 350),
  '240p': video(320, 240, 15, 400),
  '360p': video(640, 360, 15, 800),
  '480p': video(640, 480, 15, 900),
  '720p': video(1280, 720, 15, 1500),
  '1080p': video(1920, 1080, 15, 2000),
  '1440p': video(2560, 1440, 30, 4860),
  '4K': video(3840, 2160, 30, 9000),
} as const;

/** Named profiles of a shared screen, as the vendor's reference lists them. Default: `1080p`. */
export const screenProfiles = {
  '480p': video(640, 480, 5, 900),
  '480p_2': video(640, 480, 30, 1000),
  '720p': video(1280, 720, 5, 1200),
  '720p_2': video(1280, 720, 30, 3000),
  '1080p': video(1920, 1080, 5, 1600),
  '1080p_2': video(1920, 1080, 30, 4000),
} as const;

/** Named profiles of a microphone: channels and kilobits per second. Default: `standard`. */
export const audioProfiles = {
  standard: { channelCount: 1, bitrate: 40 },
  'standard-stereo': { channelCount: 2, bitrate: 64 },
  high: { channelCount: 1, bitrate: 192 },
  'high-stereo': { channelCount: 2, bitrate: 192 },
} as const;

export type VideoProfileName = keyof typeof videoProfiles;
export type ScreenProfileName = keyof typeof screenProfiles;
export type AudioProfileName = keyof typeof audioProfiles;

/** The numbers of a profile given by name or in full. */
export function profileOf<Name extends string>(
  table: Readonly<Record<Name, VideoProfile>>,
  given: Name | VideoProfile | undefined,
  fallback: Name,
): VideoProfile {
  return typeof given === 'object' ? given : table[given ?? fallback];
}
