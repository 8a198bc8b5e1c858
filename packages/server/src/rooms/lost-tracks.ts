import type { Clock } from '../ports/index.ts';
import type { Published } from './media/live-tracks.ts';
import type { Track } from './state/track.ts';

/** Milliseconds for which a track whose media is gone waits for its publisher; they begin when a media worker runs. */
const LOST_TRACK_MS = 10_000;

/** Tracks that began to wait together. */
interface Wait {
  readonly tracks: Map<Track, Published>;
  stop: () => void;
}

/** The tracks of a room that wait for their publishers. Those that were lost together are over together. */
export class LostTracks {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #over: (stillWaiting: () => readonly Published[]) => void;
  readonly #waits = new Map<Track, Wait>();

  /** `over` is called when tracks have waited their whole time; it can ask which of them still wait. */
  constructor(clock: Pick<Clock, 'after'>, over: (stillWaiting: () => readonly Published[]) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** How many wait. */
  get count(): number {
    return this.#waits.size;
  }

  /** Tracks wait from now on; those that waited before begin anew. */
  wait(lost: readonly Published[]): void {
    if (lost.length === 0) return;
    const tracks = new Map<Track, Published>();
    const wait: Wait = { tracks, stop: () => {} };
    for (const one of lost) {
      this.found(one.track);
      tracks.set(one.track, one);
      this.#waits.set(one.track, wait);
    }
    wait.stop = this.#clock.after(LOST_TRACK_MS, () => this.#over(() => [...tracks.values()]));
  }

  /** All that wait begin anew. */
  waitAnew(): void {
    this.wait([...this.#waits].flatMap(([track, { tracks }]) => tracks.get(track) ?? []));
  }

  /** A track waits no more: it has come back, or is gone. */
  found(track: Track): void {
    const wait = this.#waits.get(track);
    if (!wait) return;
    this.#waits.delete(track);
    wait.tracks.delete(track);
    if (wait.tracks.size === 0) wait.stop();
  }
}
