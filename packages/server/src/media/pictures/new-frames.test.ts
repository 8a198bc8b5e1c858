import { expect, test } from 'vitest';
import { NewFrames } from './new-frames.ts';

test('a frame has begun with a key frame, or with a second timestamp of an encoding', () => {
  const frames = new NewFrames();
  const came = (ssrc: number, timestamp: number, beginsKeyFrame = false) => {
    frames.came({ ssrc, timestamp, beginsKeyFrame });
    return [...frames.begun];
  };
  expect(came(1, 1000)).toEqual([]);
  expect(came(1, 1000)).toEqual([]);
  expect(came(2, 5000, true)).toEqual([2]);
  // A packet of an earlier frame that is sent again begins none.
  expect(came(1, 500)).toEqual([2]);
  expect(came(1, 4000)).toEqual([2, 1]);
  expect(came(1, 4000)).toEqual([2, 1]);
});

test('timestamps that begin again at 0 are later', () => {
  const frames = new NewFrames();
  for (const timestamp of [0xff_ff_ff_f0, 0x10]) frames.came({ ssrc: 1, timestamp, beginsKeyFrame: false });
  expect([...frames.begun]).toEqual([1]);
});
