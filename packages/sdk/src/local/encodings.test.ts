import { expect, test } from 'vitest';
import { cameraEncodings, screenEncodings, withProfile } from './encodings.ts';

const wide = { getSettings: () => ({ width: 1280 }) } as MediaStreamTrack;
const narrow = { getSettings: () => ({ width: 320 }) } as MediaStreamTrack;
const profile = (bitrate: number) => ({ width: 1280, height: 720, frameRate: 15, bitrate });
const bitrates = (encodings: readonly { readonly maxBitrate?: number }[]) =>
  encodings.map(({ maxBitrate }) => maxBitrate);

test('the sizes of a camera share its bitrate', () => {
  expect(bitrates(cameraEncodings(wide, profile(1000)))).toEqual([120_000, 350_000, 1_000_000]);
  expect(bitrates(cameraEncodings(narrow, profile(1000)))).toEqual([1_000_000]);
});

test('bitrates are whole bits per second, at least one and at most what the wire takes', () => {
  for (const [given, [low, middle, all]] of [
    [1000 / 3, [40_000, 116_667, 333_333]],
    [1e-9, [1, 1, 1]],
    [Number.POSITIVE_INFINITY, [4_294_967_295, 4_294_967_295, 4_294_967_295]],
  ] as const) {
    const encodings = cameraEncodings(wide, profile(given));
    expect(bitrates(encodings)).toEqual([low, middle, all]);
    expect(bitrates(cameraEncodings(narrow, profile(given)))).toEqual([all]);
    expect(bitrates(cameraEncodings(wide, profile(given), 'VP9'))).toEqual([all]);
    expect(bitrates(screenEncodings(profile(given)))).toEqual([all]);
    expect(bitrates(withProfile(encodings, profile(given)))).toEqual([low, middle, all]);
    expect(bitrates(withProfile([{}], profile(given)))).toEqual([all]);
  }
});
