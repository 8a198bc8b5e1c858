import type { Arrivals, DisobedientClient, StreamName } from '@roomkey/testkit/disobedient';

interface Count {
  packets: number;
  /** Highest number that arrived. */
  last: number;
  readonly bySsrc: Map<number, number>;
}

/** Counts what arrives somewhere of what a client has sent after the tally began, recognised by its marks. */
export class Tally {
  readonly #begin: ReadonlyMap<StreamName, number>;
  readonly #counts = new Map<StreamName, Count>();
  readonly #stop: () => void;

  constructor(from: DisobedientClient, at: Arrivals) {
    const streams = Object.entries(from.streams) as [StreamName, { packets: number }][];
    this.#begin = new Map(streams.map(([name, { packets }]) => [name, packets]));
    this.#stop = at.listen(({ who, stream, number, ssrc }) => {
      if (who !== from.who || number <= (this.#begin.get(stream) ?? 0)) return;
      const count = this.#of(stream);
      count.packets++;
      count.last = Math.max(count.last, number);
      count.bySsrc.set(ssrc, (count.bySsrc.get(ssrc) ?? 0) + 1);
    });
  }

  /** Packets of a stream; with `ssrcs` those alone that came with one of them. */
  packets(stream: StreamName, ssrcs?: ReadonlySet<number>): number {
    const { packets, bySsrc } = this.#of(stream);
    if (!ssrcs) return packets;
    let counted = 0;
    for (const ssrc of ssrcs) counted += bySsrc.get(ssrc) ?? 0;
    return counted;
  }

  /** The number of the newest packet of a stream that arrived. */
  last(stream: StreamName): number {
    return this.#of(stream).last;
  }

  /** The SSRCs that a stream came with. */
  ssrcs(stream: StreamName): number[] {
    return [...this.#of(stream).bySsrc.keys()];
  }

  stop(): void {
    this.#stop();
  }

  #of(stream: StreamName): Count {
    let count = this.#counts.get(stream);
    if (!count) {
      count = { packets: 0, last: 0, bySsrc: new Map() };
      this.#counts.set(stream, count);
    }
    return count;
  }
}
