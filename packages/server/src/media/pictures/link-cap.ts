/** More than a picture needs, so that it still fits when the engine finds a little less. */
const SPARE = 1.3;
/** No link is probed for less, in bit/s: the engine's packets are very small then, and Chromium was seen to report few of them. */
const LEAST = 250_000;
/**
 * Bits per second of pictures that a link is believed to carry until its receiver has told how packets arrive. A picture of one encoding
 * above that begins only then; on a link that carries less, too much is sent for the first one or two seconds. From this on a link
 * is not capped.
 */
export const START_BITRATE = 1_500_000;

/**
 * The cap, in bit/s, with which a link is probed for so much of pictures; it differs from the cap before. What a sender says that a picture
 * takes is no reason to flood a narrow link.
 */
export function probeBitrate(needed: number, before: number | undefined): number {
  const cap = Math.round(SPARE * Math.min(Math.max(needed, LEAST), START_BITRATE));
  return cap === before ? Math.round(1.1 * cap) : cap;
}

/** The cap after some time with one, when the link is believed to carry so much: twice as much if that is near it; none, in the end. */
export function nextCap(cap: number, available: number): number | undefined {
  if (cap >= START_BITRATE) return undefined;
  return available < 0.8 * cap ? cap : 2 * cap;
}

/**
 * Bits per second of pictures that a receiver is sent whatever the engine makes of its reports: enough for the fewest frames of the smallest
 * camera, and so little that a voice still fits beside it into 150 kbit/s.
 */
export const LEAST_BITRATE = 80_000;

/** Bits per second that a link is believed to carry while the page of a screen comes: what its low encoding takes then. */
export const PAGE_BITRATE = 700_000;
