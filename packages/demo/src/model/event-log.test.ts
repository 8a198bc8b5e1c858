import { expect, test } from 'vitest';
import { detailOf, logged, MAX_LINES } from './event-log.ts';

test('the newest line is the first, and the oldest go', () => {
  const lines = Array.from({ length: MAX_LINES + 5 }, (_, at) => ({ at, name: 'track', detail: '' }));
  const kept = lines.reduce<ReturnType<typeof logged>>(logged, []);
  expect(kept).toHaveLength(MAX_LINES);
  expect(kept[0]?.at).toBe(MAX_LINES + 4);
});

test('an event is written as its plain values; objects and functions stay out', () => {
  const payload = { userId: '', streamType: 'sub', track: { id: 'x' }, resume: () => {}, width: 640 };
  expect(detailOf(payload)).toBe('userId (me) · streamType sub · width 640');
  expect(detailOf(undefined)).toBe('');
});

test('an error is written as its cause and numbers, also inside of an event', () => {
  const error = Object.assign(new Error('You may not send audio here.'), {
    cause: 'sendAudioDenied',
    code: 5400,
    extraCode: -100006,
  });
  expect(detailOf(error)).toBe('sendAudioDenied 5400 -100006');
  expect(detailOf({ slot: 'microphone', error })).toBe(
    'slot microphone · error sendAudioDenied 5400 -100006',
  );
});
