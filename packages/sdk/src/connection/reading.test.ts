import { describe, expect, test } from 'vitest';
import { read } from './reading.ts';

const report = (...entries: object[]) => new Map(entries.map((entry, index) => [String(index), entry]));

const pair = { type: 'candidate-pair', requestsSent: 7, responsesReceived: 5, packetsReceived: 100 };

/** A second network that does not reach the server: its pair of addresses is asked in vain. */
const vain = { ...pair, id: 'vain', requestsSent: 90, responsesReceived: 0, packetsReceived: 0 };

/** The checks that were sent and answered, and the packets. */
function path(...entries: object[]): number[] {
  const { asked, answered, packets } = read(report(...entries));
  return [asked, answered, packets];
}

describe('checks and packets', () => {
  test('are those of the pair of addresses that the browser has chosen', () => {
    const chosen = { ...pair, id: 'good', nominated: true };
    // A pair that was chosen once may be dead since: UDP is blocked, and media goes over TCP.
    const before = { ...vain, id: 'before', nominated: true };
    const transport = { type: 'transport', selectedCandidatePairId: 'good', packetsReceived: 9 };
    expect(path(vain, before, chosen, transport)).toEqual([7, 5, 100]);
    expect(path(transport, chosen, before, vain)).toEqual([7, 5, 100]);
  });

  test('are those of all pairs that were chosen, where the browser does not say which is now', () => {
    const nominated = { ...pair, nominated: true };
    expect(path(nominated, { ...vain, nominated: false }, nominated)).toEqual([14, 10, 200]);
    expect(path(nominated, vain, { type: 'transport', selectedCandidatePairId: 'gone' })).toEqual([
      7, 5, 100,
    ]);
  });

  test('of all pairs count together where none was chosen', () => {
    expect(path(pair, { ...pair, packetsReceived: 1 }, { type: 'transport', packetsReceived: 9 })).toEqual([
      14, 10, 101,
    ]);
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
