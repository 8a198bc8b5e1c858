/**
 * What leaves for one receiver of a track: to this UDP port, with these SSRCs, of the packets and of those that are sent again. The engine
 * chooses SSRCs by chance, so later ones may be the same: they tell nothing by themselves, and nothing once the track flows anew.
 */
export interface Outflow {
  readonly port: number;
  readonly ssrcs: readonly number[];
}

/** When RTP packets were sent, by where to and with which SSRC. */
export class SentPackets {
  readonly #times = new Map<string, number[]>();

  add(port: number, ssrc: number, at: number): void {
    const stream = streamOf(port, ssrc);
    const known = this.#times.get(stream);
    if (known) known.push(at);
    else this.#times.set(stream, [at]);
  }

  /** When the packets of an outflow left, before a time. */
  of({ port, ssrcs }: Outflow, before: number): number[] {
    const times = ssrcs.flatMap((ssrc) => this.#times.get(streamOf(port, ssrc)) ?? []);
    return times.filter((at) => at < before);
  }

  clear(): void {
    this.#times.clear();
  }
}

const streamOf = (port: number, ssrc: number): string => `${port}/${ssrc}`;
