/** A UDP datagram or a TCP segment. */
export interface Packet {
  readonly protocol: 'udp' | 'tcp';
  readonly sourcePort: number;
  readonly targetPort: number;
  /** Of a TCP segment: the number of the first byte of its payload. */
  readonly sequence: number;
  readonly payload: Buffer;
}

const SYN = 0x02;

/** The packet in an Ethernet frame; undefined when it is neither UDP nor TCP over IPv4. */
export function readPacket(frame: Buffer): Packet | undefined {
  if (frame.readUInt16BE(12) !== 0x0800) return undefined;
  const ip = frame.subarray(14);
  const headerBytes = 4 * ((ip[0] ?? 0) & 0x0f);
  const inner = ip.subarray(headerBytes, ip.readUInt16BE(2));
  const [sourcePort, targetPort] = [inner.readUInt16BE(0), inner.readUInt16BE(2)];
  if (ip[9] === 17)
    return { protocol: 'udp', sourcePort, targetPort, sequence: 0, payload: inner.subarray(8) };
  if (ip[9] !== 6) return undefined;
  const payload = inner.subarray(4 * ((inner[12] ?? 0) >> 4));
  // A SYN takes a number of its own.
  const own = ((inner[13] ?? 0) & SYN) === 0 ? 0 : 1;
  const sequence = (inner.readUInt32BE(4) + own) >>> 0;
  return { protocol: 'tcp', sourcePort, targetPort, sequence, payload };
}
