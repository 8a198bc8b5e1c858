import type { VideoProfile } from '../calls/profiles.ts';
import type { Encoding } from '../connection/encoding.ts';

/** Width and height of a picture. */
type Size = Pick<VideoProfile, 'width' | 'height'>;

/** The size of a track's picture now; that of the profile where the browser does not say it. */
export function pictureSize(track: MediaStreamTrack, profile: VideoProfile): Size {
  const { width, height } = track.getSettings?.() ?? {};
  return width && height ? { width, height } : profile;
}

/** The full size: of its bitrate there may be as much as the wire takes. */
const WHOLE = { share: 1, bitrate: 0xff_ff_ff_ff };

/** Pixels from which on Chromium sends this many encodings of a picture. It drops the upper ones of those that are more. */
const CHROMIUM_SENDS = [
  { encodings: 3, from: 960 * 540 },
  { encodings: 2, from: 480 * 270 },
  { encodings: 1, from: 0 },
] as const;

/** What the encodings below the full size may have at most: pixels, the part of the profile's bitrate, and bits per second. */
const LOW = { pixels: 480 * 270, share: 0.2, bitrate: 150_000 } as const;
const MIDDLE = { pixels: 960 * 540, share: 0.35, bitrate: 600_000 } as const;

/**
 * The same for a screen, whose text has to stay readable: so it loses frames first. At three quarters of its size text of 12 pixels is
 * still read, and a page is so much smaller that a narrow link carries it in time.
 */
const LOW_SCREEN = { pixels: 1440 * 810, scale: 4 / 3, share: 0.2, bitrate: 250_000, frameRate: 2 } as const;

/** Longer than a side of any picture that a browser encodes. */
const LONGEST_SIDE = 65_535;

/** A profile's bitrate, or what bounds leave of it, in the whole bits per second that the wire takes. */
const bitsPerSecond = ({ bitrate }: VideoProfile, { share, bitrate: most } = WHOLE): number =>
  Math.min(Math.max(Math.round(bitrate * 1000 * share), 1), most);

/** The smallest power of two, from `least` on, by which a picture has to be scaled down to have at most so many pixels. */
function scaleDown(size: Size, most: number, least: number): number {
  let scale = least;
  while (pixels(size) > most * scale ** 2) scale *= 2;
  return scale;
}

const pixels = ({ width, height }: Size): number => width * height;

/**
 * The encodings of a camera whose picture has this size, lowest first. VP9 carries its sizes inside one encoding (SVC). The other
 * codecs always have three, of which as many are active as browsers send of such a picture: so another profile can change that.
 */
export function cameraEncodings(size: Size, profile: VideoProfile, codec?: string): Encoding[] {
  const full = encoding(size, 1, bitsPerSecond(profile));
  if (codec === 'VP9') return [{ ...full, scalabilityMode: 'L3T3_KEY' }];
  const count = CHROMIUM_SENDS.find(({ from }) => pixels(size) >= from)?.encodings ?? 1;
  const active = [...lowerEncodings(size, profile, count), full];
  const inactive = { ...full, active: false };
  return [0, 1, 2].map((index) => ({ ...(active[index] ?? inactive), scalabilityMode: 'L1T3' }));
}

function lowerEncodings(size: Size, profile: VideoProfile, count: 1 | 2 | 3): Encoding[] {
  if (count === 1) return [];
  const half = count === 3 ? scaleDown(size, MIDDLE.pixels, 2) : 1;
  const low = encoding(size, scaleDown(size, LOW.pixels, 2 * half), bitsPerSecond(profile, LOW));
  return count === 2 ? [low] : [low, encoding(size, half, bitsPerSecond(profile, MIDDLE))];
}

/**
 * The encodings of a shared screen whose picture has at most this size, lowest first. The low one is a little smaller than the
 * other, and slower. VP9 has one, which is thinned by time.
 */
export function screenEncodings(size: Size, profile: VideoProfile, codec?: string): Encoding[] {
  const full = { ...encoding(size, 1, bitsPerSecond(profile)), maxFramerate: profile.frameRate };
  if (codec === 'VP9') return [{ ...full, scalabilityMode: 'L1T3' }];
  const bitrate = bitsPerSecond(profile, LOW_SCREEN);
  const maxFramerate = Math.min(profile.frameRate, LOW_SCREEN.frameRate);
  const scale = Math.max(LOW_SCREEN.scale, Math.sqrt(pixels(size) / LOW_SCREEN.pixels));
  const low = { ...encoding(size, scale, bitrate), maxFramerate };
  return [low, full].map((each) => ({ ...each, scalabilityMode: 'L1T1' }));
}

const encoding = ({ width, height }: Size, scale: number, maxBitrate: number): Encoding => ({
  active: true,
  maxBitrate,
  scaleResolutionDownBy: scale,
  scaleResolutionDownTo: { maxWidth: side(width / scale), maxHeight: side(height / scale) },
});

const side = (length: number): number => Math.min(Math.ceil(length), LONGEST_SIDE);
