import { type Slot, slotKind } from '@roomkey/tickets/permissions';

/** Most bits per second that a track may bring, all layers together. */
export interface BitrateBounds {
  readonly audio: number;
  readonly video: number;
}

/** A track whose rate can be read. */
interface MeasuredTrack {
  readonly trackId: string;
  readonly slot: Slot;
  /** Bits of RTP in the last second, all layers together. */
  rate(): Promise<number>;
}

/** A transport that tracks come in on. */
export interface MeasuredTransport {
  readonly tracks: Iterable<MeasuredTrack>;
  /** Bits of RTP in the last second, all tracks together. */
  rate(): Promise<number>;
}

/** Samples in a row above the bound that make an excess: a single key frame is none. */
const SAMPLES = 2;

/** Finds tracks that bring more than their slot may, from one look per second. */
export class BitrateGuard {
  readonly #bounds: BitrateBounds;
  readonly #strikes = new Map<string, number>();

  constructor(bounds: BitrateBounds) {
    this.#bounds = bounds;
  }

  /**
   * Looks at the tracks of one transport; returns those that were above their bound in two looks in a row.
   * Tracks are asked one by one only when the whole transport brings more than one of them may.
   */
  async look(transport: MeasuredTransport): Promise<string[]> {
    const tracks = [...transport.tracks];
    if (tracks.length === 0) return [];
    const total = await transport.rate();
    const exceeded: string[] = [];
    for (const track of tracks) {
      const bound = this.#bounds[slotKind(track.slot)];
      const rate = total > bound ? await track.rate() : 0;
      if (this.#judge(track.trackId, rate > bound)) exceeded.push(track.trackId);
    }
    return exceeded;
  }

  /** Forgets a track that has ended. */
  forget(trackId: string): void {
    this.#strikes.delete(trackId);
  }

  #judge(trackId: string, above: boolean): boolean {
    const strikes = above ? (this.#strikes.get(trackId) ?? 0) + 1 : 0;
    const exceeded = strikes === SAMPLES;
    if (strikes === 0 || exceeded) this.#strikes.delete(trackId);
    else this.#strikes.set(trackId, strikes);
    return exceeded;
  }
}
