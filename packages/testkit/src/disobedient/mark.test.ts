import { expect, test } from 'vitest';
import { markedPacket, markOf, packetBytes, streamNames } from './mark.ts';

const mark = { who: 7, stream: 'screen', number: 70_000 } as const;
const header = { ssrc: 0xdead_beef, payloadType: 96 };

test('a mark is read back from the packet it was written into, with the number that RTP cuts off', () => {
  for (const stream of streamNames)
    expect(markOf(markedPacket(header, { ...mark, stream }))).toEqual({ ...mark, stream });
  expect(markedPacket(header, mark)).toHaveLength(packetBytes);
});

test('a mark is found behind the sources and the extension that others put into the header', () => {
  const packet = markedPacket(header, mark);
  const payload = packet.subarray(12);
  packet[0] = 0x91;
  const source = Buffer.alloc(4);
  const extension = Buffer.from([0xbe, 0xde, 0, 1, 0x10, 0x30, 0, 0]);
  expect(markOf(Buffer.concat([packet.subarray(0, 12), source, extension, payload]))).toEqual(mark);
});

test('a packet of somebody else has no mark, however short', () => {
  expect(markOf(Buffer.alloc(200))).toBeUndefined();
  expect(markOf(Buffer.from([0x9f, 0, 0]))).toBeUndefined();
});
