import { expect, test } from 'vitest';
import { consumableEncodings, hasLayers, producedEncodings } from './consumable-encodings.ts';

const layersOf = (codec: string, encodings: Parameters<typeof consumableEncodings>[2]) =>
  consumableEncodings('video', `video/${codec}`, encodings);

test('a picture of one encoding in VP8 or H.264 is said to have another, with an SSRC of its own', () => {
  const sent = { ssrc: 7, scalabilityMode: 'L1T3', maxBitrate: 1000 };
  expect(layersOf('VP8', [sent])).toEqual([sent, { ...sent, ssrc: 8 }]);
  expect(layersOf('h264', [{ ssrc: 7 }])).toEqual([{ ssrc: 7 }, { ssrc: 8 }]);
});

test('a picture in VP9 has layers in any case', () => {
  expect(layersOf('VP9', [{ ssrc: 7 }])).toEqual([{ ssrc: 7, scalabilityMode: 'L1T2' }]);
  expect(layersOf('VP9', [{ ssrc: 7, scalabilityMode: 'L3T3_KEY' }])).toEqual([
    { ssrc: 7, scalabilityMode: 'L3T3_KEY' },
  ]);
});

test.each(['L1T1', 'S1T1', 'L1T1_KEY', 'none'])(
  'a picture in VP9 that is said to have the one layer %s has two all the same',
  (mode) => {
    expect(layersOf('VP9', [{ ssrc: 7, scalabilityMode: mode }])).toEqual([
      { ssrc: 7, scalabilityMode: 'L1T2' },
    ]);
  },
);

test.each(['L1T2', 'L1T10', 'L2T1', 'S3T3', 'L3T3_KEY'])(
  'a picture in VP9 of several layers is said to be %s',
  (mode) => {
    const sent = [{ ssrc: 7, scalabilityMode: mode }];
    expect(layersOf('VP9', sent)).toBe(sent);
  },
);

test('the engine tells the layers of several encodings, and of one that has several', () => {
  expect(hasLayers([{ ssrc: 7 }, { ssrc: 8 }])).toBe(true);
  expect(hasLayers([{ ssrc: 7, scalabilityMode: 'L1T2' }])).toBe(true);
  expect(hasLayers([{ ssrc: 7, scalabilityMode: 'L2T1' }])).toBe(true);
  for (const encodings of [[], [{ ssrc: 7 }], [{ ssrc: 7, scalabilityMode: 'L1T1' }]])
    expect(hasLayers(encodings)).toBe(false);
});

test('one in VP8 that is said to have no layers may have three in time', () => {
  const sent = [{ ssrc: 7 }];
  expect(producedEncodings('camera', 'video/vp8', sent)).toEqual([{ ssrc: 7, scalabilityMode: 'L1T3' }]);
  expect(producedEncodings('camera', 'video/H264', sent)).toBe(sent);
  const said = [{ ssrc: 7, scalabilityMode: 'L1T2' }];
  expect(producedEncodings('camera', 'video/VP8', said)).toBe(said);
});

test('the encodings of a screen are said to be silent at times, those of a camera are not', () => {
  const sent = [{ ssrc: 7 }, { ssrc: 8 }];
  expect(producedEncodings('screen', 'video/VP8', sent)).toEqual([
    { ssrc: 7, dtx: true },
    { ssrc: 8, dtx: true },
  ]);
  expect(producedEncodings('camera', 'video/VP8', sent)).toBe(sent);
});

test('several encodings, and sound, are said as they are sent', () => {
  const two = [{ ssrc: 7 }, { ssrc: 8 }];
  expect(layersOf('VP8', two)).toBe(two);
  const sound = [{ ssrc: 7 }];
  expect(consumableEncodings('audio', 'audio/opus', sound)).toBe(sound);
});
