import type { LogSampler } from '../../log-sampler.ts';
import { systemClock } from '../../system-clock.ts';
import type { MediaLog } from '../media-log.ts';

/** Receivers whose picture is mended within so many ms share a line. */
const GATHER_MS = 1_000;

/** What a frozen picture was mended with: its consumer began anew, or it was made anew. */
export type Mend = 'reset' | 'renewed';

type Fields = Readonly<Record<string, string | number>>;

/** What the log of a track works with. */
interface Parts {
  readonly log: MediaLog;
  readonly sampler: LogSampler;
  /** Whose lines are counted together. */
  readonly sender: string;
  /** What every line says of the track. */
  readonly track: Fields;
}

/** Tells the log of one track's pictures that were frozen: a line for all receivers whose picture is mended at about the same time. */
export class MendLog {
  readonly #parts: Parts;
  readonly #gathered = new Map<Mend, { receivers: number; readonly seen: Fields }>();
  #stop: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The picture of one more receiver was mended; `seen` is what was seen of it. */
  add(mend: Mend, seen: Fields): void {
    const known = this.#gathered.get(mend);
    if (known) known.receivers++;
    else this.#gathered.set(mend, { receivers: 1, seen });
    this.#stop ??= systemClock.after(GATHER_MS, () => this.flush());
  }

  /** Writes what was not written yet. */
  flush(): void {
    this.#stop?.();
    this.#stop = undefined;
    const { log, sampler, sender, track } = this.#parts;
    for (const [mend, { receivers, seen }] of this.#gathered) {
      const { isWritten, unwritten } = sampler.next(sender, systemClock.now());
      const more = unwritten > 0 ? { unwritten } : {};
      if (isWritten)
        log('warn', 'a picture did not reach its receivers', { mend, receivers, ...track, ...seen, ...more });
    }
    this.#gathered.clear();
  }
}
