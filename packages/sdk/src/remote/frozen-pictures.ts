import type { StreamType } from '../calls/type.ts';

/** What one picture has done so far. */
interface Picture {
  /** Stays the same when it is received anew. */
  readonly key: string;
  readonly streamType: StreamType;
  readonly packets: number;
  readonly frames: number;
}

/**
 * How long packets may come of which nothing is decoded, in milliseconds. A page of text on a shared screen takes some seconds on a narrow
 * link, and who receives it anew meanwhile has to begin again.
 */
const FROZEN_MS: Record<StreamType, number> = { main: 3000, sub: 10_000 };

/** The longest wait between two attempts to mend the same picture, in milliseconds. */
const MAX_WAIT_MS = 60_000;

interface Watched {
  packets: number;
  frames: number;
  /** Since when packets come without a decoded frame. */
  since: number;
  /** Attempts to mend it since it was last decoded. */
  attempts: number;
}

/** Finds pictures whose packets come and of which nothing is decoded. */
export class FrozenPictures {
  readonly #watched = new Map<string, Watched>();

  /**
   * The keys of the pictures that are to be mended now, each with the number of this attempt from 1. Later attempts at the same picture
   * wait twice as long each, up to a minute. `pictures` are all there are; `now` is in milliseconds.
   */
  look(pictures: readonly Picture[], now: number): Map<string, number> {
    const frozen = new Map<string, number>();
    for (const picture of pictures) {
      const attempt = this.#lookAt(picture, now);
      if (attempt > 0) frozen.set(picture.key, attempt);
    }
    return frozen;
  }

  /** The picture is not asked for any more. */
  forget(key: string): void {
    this.#watched.delete(key);
  }

  /** The number of the attempt that is due, or 0. */
  #lookAt({ key, streamType, packets, frames }: Picture, now: number): number {
    const watched = this.#watched.get(key);
    if (!watched) {
      this.#watched.set(key, { packets, frames, since: now, attempts: 0 });
      return 0;
    }
    const isDecoded = frames > watched.frames;
    // A picture that is muted, or received anew, has no packets to decode.
    const comes = packets > watched.packets;
    watched.packets = packets;
    watched.frames = frames;
    if (isDecoded) watched.attempts = 0;
    if (isDecoded || !comes) {
      watched.since = now;
      return 0;
    }
    const wait = Math.min(MAX_WAIT_MS, FROZEN_MS[streamType] * 2 ** watched.attempts);
    if (now - watched.since < wait) return 0;
    watched.since = now;
    watched.attempts += 1;
    return watched.attempts;
  }
}
