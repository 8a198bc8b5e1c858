import type { PathReading } from './reading.ts';

/** Nothing may come for so long, in milliseconds. */
const SILENT_MS = 1500;

/** So many ICE checks may stay unanswered meanwhile; a single packet gets lost on any network. */
const UNANSWERED = 2;

/**
 * Says when nothing comes over a path any more. The browser says so too, but only after five seconds or more. A path over which
 * nothing has to come is not silent: its ICE checks are answered.
 */
export class PathSilence {
  #heardAt = 0;
  #last: PathReading | undefined;
  /** Checks that were sent when something came last. */
  #asked = 0;

  /** Whether the path is silent; `now` in milliseconds. After a time without readings, two are needed. */
  isSilent(reading: PathReading, now: number): boolean {
    const last = this.#last;
    this.#last = reading;
    // Checks and packets of a pair of addresses that is given up are no longer counted, so a number may fall.
    const isHeard = reading.answered !== last?.answered || reading.packets !== last.packets;
    if (isHeard || reading.asked < this.#asked) {
      this.#heardAt = now;
      this.#asked = reading.asked;
      return false;
    }
    return now - this.#heardAt >= SILENT_MS && reading.asked - this.#asked >= UNANSWERED;
  }

  /** What follows is held against nothing before. */
  reset(): void {
    this.#last = undefined;
  }
}
