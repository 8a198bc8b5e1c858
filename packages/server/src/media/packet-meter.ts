/** Something that packets go through. */
export interface PacketSource {
  /** Packets since it was opened. */
  packets(): Promise<number>;
}

/**
 * Totals of packets over many sources, read in rounds: one reading asks at most a fixed number of them,
 * those not asked for longest first. So a total lags behind with many sources, misses what a source
 * forwarded between its last reading and its end, and never falls.
 */
export class PacketMeter {
  readonly #seen = new Map<PacketSource, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(source: PacketSource): void {
    this.#seen.set(source, 0);
  }

  remove(source: PacketSource): void {
    this.#seen.delete(source);
  }

  /** Asks at most `most` sources, together. */
  async read(most: number): Promise<void> {
    const turn = [...this.#seen.keys()].slice(0, most);
    await Promise.all(turn.map((source) => this.#readOne(source)));
  }

  async #readOne(source: PacketSource): Promise<void> {
    const before = this.#seen.get(source);
    if (before === undefined) return;
    // To the end of the round.
    this.#seen.delete(source);
    this.#seen.set(source, before);
    const now = await source.packets().catch(() => before);
    if (!this.#seen.has(source) || now <= before) return;
    this.#seen.set(source, now);
    this.#total += now - before;
  }
}

/** The packets of the streams of one type in an answer of the engine. */
export function packetsOf(
  type: 'inbound-rtp' | 'outbound-rtp',
  streams: readonly { readonly type: string; readonly packetCount: number }[] = [],
): number {
  return streams.reduce((sum, stream) => (stream.type === type ? sum + stream.packetCount : sum), 0);
}
