const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Microseconds, in the byte order that `readUInt32LE` reads. */
const MAGIC = 0xa1b2c3d4;
const ETHERNET = 1;

/** Reads a capture in the classic pcap format, in whatever pieces it comes. */
export class PcapReader {
  readonly #heard: (frame: Buffer, at: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;

  /** `heard` gets each Ethernet frame with its time, in unix milliseconds with microseconds behind the point. */
  constructor(heard: (frame: Buffer, at: number) => void) {
    this.#heard = heard;
  }

  /** @throws when it is another format, or a frame was not captured as a whole */
  push(piece: Buffer): void {
    const data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let offset = 0;
    if (!this.#begun) {
      if (data.length < FILE_HEADER) {
        this.#rest = data;
        return;
      }
      if (data.readUInt32LE(0) !== MAGIC || data.readUInt32LE(20) !== ETHERNET)
        throw new Error('this is no little-endian pcap of Ethernet frames with microseconds');
      this.#begun = true;
      offset = FILE_HEADER;
    }
    while (data.length - offset >= RECORD_HEADER) {
      const captured = data.readUInt32LE(offset + 8);
      const end = offset + RECORD_HEADER + captured;
      if (end > data.length) break;
      if (captured !== data.readUInt32LE(offset + 12)) throw new Error('a frame was captured in part');
      const at = data.readUInt32LE(offset) * 1000 + data.readUInt32LE(offset + 4) / 1000;
      this.#heard(data.subarray(offset + RECORD_HEADER, end), at);
      offset = end;
    }
    this.#rest = data.subarray(offset);
  }
}
