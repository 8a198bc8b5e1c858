import { expect, test } from 'vitest';
import { type Packet, readPacket } from './packet.ts';
import { PcapReader } from './pcap-reader.ts';

const fileHeader = Buffer.alloc(24);
fileHeader.writeUInt32LE(0xa1b2c3d4, 0);
fileHeader.writeUInt32LE(1, 20);

function record(frame: Buffer, seconds: number, microseconds: number, bytes = frame.length): Buffer {
  const header = Buffer.alloc(16);
  for (const [index, field] of [seconds, microseconds, frame.length, bytes].entries())
    header.writeUInt32LE(field, 4 * index);
  return Buffer.concat([header, frame]);
}

/** An Ethernet frame with IPv4 of so many option bytes, padded behind its end. */
function ipFrame(protocol: number, inner: Buffer, options = 0): Buffer {
  const ethernet = Buffer.alloc(14);
  ethernet.writeUInt16BE(0x0800, 12);
  const ip = Buffer.alloc(20 + options);
  ip[0] = 0x40 | (ip.length / 4);
  ip.writeUInt16BE(ip.length + inner.length, 2);
  ip[9] = protocol;
  return Buffer.concat([ethernet, ip, inner, Buffer.alloc(6)]);
}

function udp(payload: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(41_000, 0);
  header.writeUInt16BE(5000, 2);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function tcp(payload: string, sequence: number, flags: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt16BE(80, 0);
  header.writeUInt16BE(5001, 2);
  header.writeUInt32BE(sequence, 4);
  header[12] = 6 << 4;
  header[13] = flags;
  return Buffer.concat([header, Buffer.from(payload)]);
}

test('every frame is read with its time, in whatever pieces the capture comes', () => {
  const frames = [Buffer.from('first'), Buffer.from('the second')];
  const file = Buffer.concat([
    fileHeader,
    ...frames.map((frame, index) => record(frame, 1_700_000_000, index)),
  ]);
  for (let size = 1; size <= file.length; size++) {
    const heard: [string, number][] = [];
    const reader = new PcapReader((frame, at) => heard.push([frame.toString(), at]));
    for (let from = 0; from < file.length; from += size) reader.push(file.subarray(from, from + size));
    expect(heard).toEqual([
      ['first', 1_700_000_000_000],
      ['the second', 1_700_000_000_000.001],
    ]);
  }
});

test('another format, and a frame that was captured in part, are refused', () => {
  expect(() => new PcapReader(() => {}).push(Buffer.alloc(24))).toThrow('no little-endian pcap');
  const cut = Buffer.concat([fileHeader, record(Buffer.from('begin'), 1, 0, 100)]);
  expect(() => new PcapReader(() => {}).push(cut)).toThrow('in part');
});

test.each<[string, Buffer, Packet | undefined]>([
  [
    'a UDP datagram',
    ipFrame(17, udp('media')),
    { protocol: 'udp', sourcePort: 41_000, targetPort: 5000, sequence: 0, payload: Buffer.from('media') },
  ],
  [
    'a TCP segment behind IP options',
    ipFrame(6, tcp('text', 77, 0x18), 8),
    { protocol: 'tcp', sourcePort: 80, targetPort: 5001, sequence: 77, payload: Buffer.from('text') },
  ],
  [
    'a SYN, behind which the numbers of the payload begin',
    ipFrame(6, tcp('', 0xffff_ffff, 0x02)),
    { protocol: 'tcp', sourcePort: 80, targetPort: 5001, sequence: 0, payload: Buffer.alloc(0) },
  ],
  ['ICMP is none of them', ipFrame(1, Buffer.alloc(8)), undefined],
  ['ARP is none of them', Buffer.concat([Buffer.alloc(12), Buffer.of(8, 6), Buffer.alloc(28)]), undefined],
])('%s', (_, frame, packet) => {
  expect(readPacket(frame)).toEqual(packet);
});
