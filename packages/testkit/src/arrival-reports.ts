import { type Arrival, arrivalReport } from './rtcp.ts';

const EVERY_MS = 100;

/** Reports how the numbered packets of a transport have arrived, ten times a second, as browsers do. */
export class ArrivalReports {
  readonly #timer: NodeJS.Timeout;
  #arrivals: Arrival[] = [];
  #last: number | undefined;
  /** Up to here, without it. */
  #reported: number | undefined;
  #count = 0;

  /** `send` puts a report on the wire. */
  constructor(send: (report: Buffer) => void) {
    this.#timer = setInterval(() => {
      const [first] = this.#arrivals;
      if (!first) return;
      send(arrivalReport(this.#arrivals, this.#reported ?? first.number, this.#count++));
      this.#reported = (this.#last ?? first.number) + 1;
      this.#arrivals = [];
    }, EVERY_MS);
  }

  /** A packet of RTP has arrived, or will at that moment; those without a number are not reported. */
  arrived(packet: Buffer, extension: number, ms: number): void {
    const short = numberOf(packet, extension);
    if (short === undefined) return;
    const last = this.#last ?? short;
    const number = last + ((((short - last) & 0xffff) ^ 0x8000) - 0x8000);
    if (this.#last !== undefined && number <= last) return;
    this.#last = number;
    this.#arrivals.push({ number, ms });
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** What a packet of RTP bears in a header extension of two bytes (RFC 8285, one-byte headers). */
function numberOf(packet: Buffer, extension: number): number | undefined {
  const [head = 0] = packet;
  const start = 12 + 4 * (head & 0x0f);
  if (!(head & 0x10) || packet.readUInt16BE(start) !== 0xbede) return undefined;
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  for (let at = start + 4; at < end; ) {
    const byte = packet[at] ?? 0;
    if (byte === 0) at++;
    else if (byte >> 4 === extension) return packet.readUInt16BE(at + 1);
    else at += 2 + (byte & 0x0f);
  }
  return undefined;
}
