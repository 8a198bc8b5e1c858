import { type BitrateBounds, BitrateGuard } from './bitrate-guard.ts';
import type { OpenTrack, OpenTransport } from './open-media.ts';
import type { RetransmissionWatch } from './retransmission-watch.ts';

const EVERY_MS = 1_000;

/** Looks every second at what comes in, and tells of tracks above their bound; has what goes out again looked at likewise. */
export class RateWatch {
  readonly #guard: BitrateGuard;
  readonly #tell: (trackId: string) => void;
  readonly #receivers: RetransmissionWatch;
  readonly #busy = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    bounds: BitrateBounds,
    transports: () => Iterable<OpenTransport>,
    tell: (trackId: string) => void,
    receivers: RetransmissionWatch,
  ) {
    this.#guard = new BitrateGuard(bounds);
    this.#tell = tell;
    this.#receivers = receivers;
    this.#timer = setInterval(() => this.#look(transports()), EVERY_MS);
  }

  /** Forgets a track that has ended. */
  forget(trackId: string): void {
    this.#guard.forget(trackId);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(transports: Iterable<OpenTransport>): void {
    const all = [...transports];
    for (const place of new Set(all.map(({ placeId }) => placeId))) {
      void this.#lookAtPlace(
        place,
        all.filter(({ placeId }) => placeId === place),
      );
    }
  }

  // One request at a time to each worker; a round that takes longer than a second is not overtaken.
  async #lookAtPlace(placeId: string, transports: readonly OpenTransport[]): Promise<void> {
    if (this.#busy.has(placeId)) return;
    this.#busy.add(placeId);
    for (const transport of transports) {
      if (transport.direction === 'recv') {
        await this.#receivers.look(transport).catch(() => {});
        continue;
      }
      const exceeded = await this.#guard.look(measured(transport)).catch(() => []);
      for (const trackId of exceeded) this.#tell(trackId);
    }
    this.#busy.delete(placeId);
  }
}

const measured = ({ handle, tracks }: OpenTransport) => ({
  tracks: [...tracks].map((track) => ({ ...track, rate: () => trackRate(track) })),
  rate: async () => (await handle.askIfOpen((engine) => engine.getStats()))?.[0]?.rtpRecvBitrate ?? 0,
});

async function trackRate(track: OpenTrack): Promise<number> {
  const streams = (await track.handle.askIfOpen((engine) => engine.getStats())) ?? [];
  return streams.reduce((sum, { bitrate }) => sum + bitrate, 0);
}
