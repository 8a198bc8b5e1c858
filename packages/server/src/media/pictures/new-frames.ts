/** In which encodings of a track a frame has begun since somebody began to watch the packets. */
export class NewFrames {
  /** The timestamp of the first packet of an encoding, by SSRC, until a frame has begun after it. */
  readonly #first = new Map<number, number>();
  readonly #begun = new Set<number>();

  /** SSRCs of the encodings in which a frame has begun. */
  get begun(): ReadonlySet<number> {
    return this.#begun;
  }

  /** A packet has come. The first may belong to a frame that had begun before, unless it begins a key frame. */
  came({ ssrc, timestamp, beginsKeyFrame }: ArrivedPacket): void {
    const first = this.#first.get(ssrc);
    if (beginsKeyFrame || (first !== undefined && isLater(timestamp, first))) this.#begun.add(ssrc);
    if (first === undefined) this.#first.set(ssrc, timestamp);
  }
}

/** Timestamps begin again at 0 after 2³². */
const isLater = (timestamp: number, than: number): boolean => ((timestamp - than) | 0) > 0;

export interface ArrivedPacket {
  readonly ssrc: number;
  /** Of RTP: all packets of a frame have the same. */
  readonly timestamp: number;
  readonly beginsKeyFrame: boolean;
}
