import { expect, test } from 'vitest';
import { read } from './reading.ts';

const report = (...entries: object[]) => new Map(entries.map((entry, index) => [String(index), entry]));

test('checks and packets of all pairs of addresses count together', () => {
  const pair = { type: 'candidate-pair', requestsSent: 7, responsesReceived: 5, packetsReceived: 100 };
  expect(
    read(report(pair, { ...pair, packetsReceived: 1 }, { type: 'transport', packetsReceived: 9 })),
  ).toEqual({
    asked: 14,
    answered: 10,
    packets: 101,
    pictures: [],
    sounds: [],
  });
});

test('of incoming streams the pictures are read, and a count that is missing is 0', () => {
  const video = { type: 'inbound-rtp', kind: 'video', trackIdentifier: 'a' };
  const { pictures } = read(
    report(
      { ...video, packetsReceived: 30, framesDecoded: 10 },
      { ...video, trackIdentifier: 'b' },
      { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'c' },
    ),
  );
  expect(pictures).toEqual([
    { trackId: 'a', packets: 30, frames: 10 },
    { trackId: 'b', packets: 0, frames: 0 },
  ]);
});

test('of incoming sounds the late packets and the requests to send again are read', () => {
  const audio = { type: 'inbound-rtp', kind: 'audio', trackIdentifier: 'a' };
  const { sounds } = read(
    report({ ...audio, packetsDiscarded: 3, nackCount: 8 }, { ...audio, trackIdentifier: 'b' }),
  );
  expect(sounds).toEqual([
    { trackId: 'a', late: 3, asked: 8 },
    { trackId: 'b', late: 0, asked: 0 },
  ]);
});
