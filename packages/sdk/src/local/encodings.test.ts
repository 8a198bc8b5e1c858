import { describe, expect, test } from 'vitest';
import { screenProfiles, type VideoProfile, videoProfiles } from '../calls/profiles.ts';
import type { Encoding } from '../connection/encoding.ts';
import { cameraEncodings, pictureSize, screenEncodings } from './encodings.ts';

const profile = (width: number, height: number, bitrate = 1000): VideoProfile => ({
  width,
  height,
  frameRate: 15,
  bitrate,
});
const sent = (encodings: readonly Encoding[]) => encodings.filter(({ active }) => active);
const camera = (given: VideoProfile, codec = 'VP8') => cameraEncodings(given, given, codec);
const bitrates = (encodings: readonly Encoding[]) => sent(encodings).map(({ maxBitrate }) => maxBitrate);
const scales = (encodings: readonly Encoding[]) =>
  sent(encodings).map(({ scaleResolutionDownBy }) => scaleResolutionDownBy);

/** Pixels and how many encodings of so many Chromium sends at most. */
const chromiumSends = (pixels: number) => (pixels >= 960 * 540 ? 3 : pixels >= 480 * 270 ? 2 : 1);

const cameras = Object.entries(videoProfiles).flatMap(([name, given]) =>
  ['VP8', 'H264'].map((codec) => [name, codec, given] as const),
);

describe.each(cameras)('a camera of profile %s in %s', (_, codec, given) => {
  const encodings = camera(given, codec);
  const lower = sent(encodings).slice(0, -1);

  test('is sent in as many sizes as Chromium sends, of three that are set up', () => {
    expect(encodings).toHaveLength(3);
    expect(sent(encodings)).toHaveLength(chromiumSends(given.width * given.height));
    expect(encodings.slice(0, sent(encodings).length)).toEqual(sent(encodings));
  });

  test('is sent in its full size with the whole bitrate', () => {
    const { width: maxWidth, height: maxHeight } = given;
    expect(sent(encodings).at(-1)).toMatchObject({
      maxBitrate: given.bitrate * 1000,
      scaleResolutionDownBy: 1,
      scaleResolutionDownTo: { maxWidth, maxHeight },
    });
  });

  test('has smaller sizes below it, each of half or less, whose lowest fits a narrow link', () => {
    const all = sent(encodings);
    for (const [index, { maxBitrate, scaleResolutionDownBy: scale }] of lower.entries()) {
      expect(scale).toBeGreaterThanOrEqual(2 * (all[index + 1]?.scaleResolutionDownBy ?? 0));
      expect(maxBitrate).toBeLessThan(all[index + 1]?.maxBitrate ?? 0);
    }
    if (lower.length > 0) expect(lower[0]?.maxBitrate).toBeLessThanOrEqual(150_000);
    const [{ scaleResolutionDownTo: low } = { scaleResolutionDownTo: undefined }] = lower;
    if (low) expect(low.maxWidth * low.maxHeight).toBeLessThanOrEqual(480 * 270);
  });

  test('takes less than the server lets a picture take', () => {
    expect(bitrates(encodings).reduce((sum, bitrate) => sum + bitrate)).toBeLessThanOrEqual(9_800_000);
  });

  test('has three layers of time in each encoding', () => {
    expect(new Set(encodings.map(({ scalabilityMode }) => scalabilityMode))).toEqual(new Set(['L1T3']));
  });
});

test.each(Object.entries(videoProfiles))('a camera of profile %s in VP9 has its sizes in one', (_, given) => {
  expect(camera(given, 'VP9')).toMatchObject([
    {
      active: true,
      maxBitrate: given.bitrate * 1000,
      scaleResolutionDownBy: 1,
      scalabilityMode: 'L3T3_KEY',
    },
  ]);
});

test('the default camera is sent in half of its size for narrow links, and in full', () => {
  const encodings = camera(videoProfiles['480p']);
  expect(scales(encodings)).toEqual([2, 1]);
  expect(bitrates(encodings)).toEqual([150_000, 900_000]);
  expect(encodings[0]?.scaleResolutionDownTo).toEqual({ maxWidth: 320, maxHeight: 240 });
});

test('a picture of another size than the profile asks for is sent in the sizes that it allows', () => {
  const given = videoProfiles['720p'];
  expect(sent(cameraEncodings({ width: 320, height: 240 }, given))).toHaveLength(1);
  expect(sent(cameraEncodings({ width: 240, height: 320 }, given))).toHaveLength(1);
  expect(sent(cameraEncodings({ width: 480, height: 640 }, given))).toHaveLength(2);
});

test.each<[string, VideoProfile, number[]]>([
  ['one pixel', profile(1, 1), [1]],
  ['one line', profile(600_000, 1), [4, 2, 1]],
  ['8k', profile(7680, 4320, 20_000), [16, 8, 1]],
  ['odd sides', profile(641, 481), [2, 1]],
  ['numbers without bound', profile(1e308, 1e308), [2 ** 513, 2 ** 512, 1]],
])('a camera of %s has encodings that a browser takes', (_, given, wanted) => {
  for (const codec of ['VP8', 'H264', 'VP9']) {
    const encodings = camera(given, codec);
    if (codec !== 'VP9' && given.width < 1e300) expect(scales(encodings)).toEqual(wanted);
    for (const { scaleResolutionDownBy: scale, scaleResolutionDownTo: most } of encodings) {
      expect(scale).toBeGreaterThanOrEqual(1);
      expect(Number.isFinite(scale)).toBe(true);
      for (const side of [most.maxWidth, most.maxHeight]) {
        expect(Number.isInteger(side)).toBe(true);
        expect(side).toBeGreaterThanOrEqual(1);
        expect(side).toBeLessThanOrEqual(65_535);
      }
    }
  }
});

test('bitrates are whole bits per second, at least one and at most what the wire takes', () => {
  for (const [given, [low, middle, all]] of [
    [1000 / 3, [66_667, 116_667, 333_333]],
    [1e-9, [1, 1, 1]],
    [1e9, [150_000, 600_000, 4_294_967_295]],
  ] as const) {
    const one = profile(1280, 720, given);
    expect(bitrates(camera(one))).toEqual([low, middle, all]);
    expect(bitrates(camera(profile(320, 240, given)))).toEqual([all]);
    expect(bitrates(camera(one, 'VP9'))).toEqual([all]);
    expect(bitrates(screenEncodings(one, one)).at(-1)).toBe(all);
  }
});

describe.each(Object.entries(screenProfiles))('a screen of profile %s', (_, given) => {
  test.each(['VP8', 'H264'])('in %s is sent as it is, and smaller and slower for narrow links', (codec) => {
    const [low, full, ...more] = screenEncodings(given, given, codec);
    expect(more).toEqual([]);
    expect(full).toMatchObject({ maxBitrate: given.bitrate * 1000, maxFramerate: given.frameRate });
    expect([low?.active, full?.active]).toEqual([true, true]);
    expect(scales([low, full] as Encoding[])).toEqual([4 / 3, 1]);
    expect(low?.maxBitrate).toBeLessThanOrEqual(250_000);
    expect(low?.maxFramerate).toBeLessThan(given.frameRate);
  });

  test('in VP9 is one encoding that is thinned by time', () => {
    expect(screenEncodings(given, given, 'VP9')).toMatchObject([
      { maxBitrate: given.bitrate * 1000, scalabilityMode: 'L1T3' },
    ]);
  });
});

test('a screen larger than 1920 × 1080 has 1440 × 810 for narrow links', () => {
  const given = { ...profile(3840, 2160), frameRate: 1 };
  const encodings = screenEncodings(given, given);
  expect(scales(encodings)).toEqual([3840 / 1440, 1]);
  expect(encodings.map(({ maxFramerate }) => maxFramerate)).toEqual([1, 1]);
});

test('the size of a picture is what the browser says of it, or else that of the profile', () => {
  const track = (settings?: MediaTrackSettings) =>
    ({ getSettings: settings && (() => settings) }) as MediaStreamTrack;
  const given = profile(640, 480);
  expect(pictureSize(track({ width: 320, height: 180 }), given)).toEqual({ width: 320, height: 180 });
  for (const settings of [undefined, {}, { width: 0, height: 0 }, { width: 320 }])
    expect(pictureSize(track(settings), given)).toMatchObject({ width: 640, height: 480 });
});
