import type { Sample } from './sample.ts';

/** Frames that come within a second make a moving picture from this number on. */
const moving = 3;

/** The last sample up to a moment, or the first one. */
function sampleAt(samples: readonly Sample[], at: number): Sample {
  const found = samples.findLast((sample) => sample.at <= at) ?? samples[0];
  if (!found) throw new Error('a page has noted nothing');
  return found;
}

const framesAt = (samples: readonly Sample[], picture: string, at: number): number =>
  sampleAt(samples, at).pictures[picture]?.frames ?? 0;

/** Decoded frames per second. */
export function fps(samples: readonly Sample[], picture: string, from: number, to: number): number {
  const frames = framesAt(samples, picture, to) - framesAt(samples, picture, from);
  return (1000 * frames) / (sampleAt(samples, to).at - sampleAt(samples, from).at || 1);
}

/** Pixels of the last decoded frame's width; 0 when there was none. */
export const width = (samples: readonly Sample[], picture: string, at: number): number =>
  sampleAt(samples, at).pictures[picture]?.width ?? 0;

/** Whether new frames are decoded between two moments. */
export const moves = (samples: readonly Sample[], picture: string, from: number, to: number): boolean =>
  framesAt(samples, picture, to) > framesAt(samples, picture, from);

/**
 * Seconds in which the picture stood still: the browser's own count of freezes that ended, and the one that goes on at the end.
 */
export function frozen(samples: readonly Sample[], picture: string, from: number, to: number): number {
  const over = (at: number) => sampleAt(samples, at).pictures[picture]?.frozen ?? 0;
  const frames = framesAt(samples, picture, to);
  const last = samples.find(({ pictures }) => (pictures[picture]?.frames ?? 0) === frames)?.at ?? from;
  const open = to - Math.max(last, from);
  return Math.min(over(to) - over(from) + (open > 1000 ? open : 0), to - from) / 1000;
}

/** Percent of a voice's sound that the receiver made up, silence excluded; 100 when nothing of it came. */
export function concealed(samples: readonly Sample[], userId: string, from: number, to: number): number {
  const before = sampleAt(samples, from).voices[userId];
  const after = sampleAt(samples, to).voices[userId];
  const since = (count: 'packets' | 'received' | 'concealed' | 'silent') =>
    (after?.[count] ?? 0) - (before?.[count] ?? 0);
  if (since('packets') === 0) return 100;
  return (100 * (since('concealed') - since('silent'))) / (since('received') - since('silent'));
}

/** Seconds from a moment until the picture moves; undefined when it does not. */
export function secondsUntilMoving(
  samples: readonly Sample[],
  picture: string,
  from: number,
): number | undefined {
  const later = samples.filter(({ at }) => at >= from);
  let before = framesAt(samples, picture, from);
  for (const sample of later) {
    const frames = sample.pictures[picture]?.frames ?? 0;
    const soon = framesAt(samples, picture, sample.at + 1000);
    if (frames > before && soon - before >= moving) return (sample.at - from) / 1000;
    before = frames;
  }
  return undefined;
}

/** Seconds of the longest time without a new frame between two moments. */
export function longestGap(samples: readonly Sample[], picture: string, from: number, to: number): number {
  let [longest, last, frames] = [0, from, framesAt(samples, picture, from)];
  for (const { at, pictures } of samples) {
    if (at < from || at > to) continue;
    const now = pictures[picture]?.frames ?? 0;
    longest = Math.max(longest, at - last);
    if (now > frames) last = at;
    frames = now;
  }
  return longest / 1000;
}

/** What was sent of the largest encoding of which anything was sent: frames per second and pixels of width. */
export function sent(samples: readonly Sample[], from: number, to: number) {
  const [first, last] = [sampleAt(samples, from), sampleAt(samples, to)];
  const encodings = Object.entries(last.sent).map(([id, counts]) => ({
    width: counts.width,
    frames: counts.frames - (first.sent[id]?.frames ?? 0),
    keyFrames: counts.keyFrames - (first.sent[id]?.keyFrames ?? 0),
    bytes: counts.bytes - (first.sent[id]?.bytes ?? 0),
  }));
  const sending = encodings.filter(({ frames }) => frames > 0).sort((a, b) => b.width - a.width);
  const seconds = (last.at - first.at) / 1000 || 1;
  const sum = (of: 'keyFrames' | 'bytes') => encodings.reduce((total, each) => total + each[of], 0);
  return {
    width: sending[0]?.width ?? 0,
    fps: (sending[0]?.frames ?? 0) / seconds,
    kilobits: (sum('bytes') * 8) / 1000 / seconds,
    keyFrames: sum('keyFrames'),
  };
}
