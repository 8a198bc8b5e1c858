import { expect, test } from 'vitest';
import { SentPackets } from './sent-packets.ts';

test('packets with the same SSRC to somebody else, or after the track flows anew, are none of an outflow', () => {
  const sent = new SentPackets();
  const outflow = { port: 5000, ssrcs: [1, 2] };
  sent.add(5000, 1, 10);
  sent.add(5000, 2, 11);
  sent.add(5000, 3, 12);
  sent.add(6000, 1, 13);
  sent.add(5000, 1, 20);
  expect(sent.of(outflow, 20)).toEqual([10, 11]);
  expect(sent.of(outflow, 21)).toEqual([10, 20, 11]);
  sent.clear();
  expect(sent.of(outflow, 21)).toEqual([]);
});
