/** Milliseconds within which lines of one source are counted. */
const WINDOW_MS = 60_000;
/** Lines of one source that are written within that time. */
const LINES = 10;
/** Most sources that are remembered; the ones that are silent longest are forgotten. */
const SOURCES = 10_000;

interface Source {
  /** Unix milliseconds. */
  readonly since: number;
  lines: number;
}

/** What a log line says of those of its source that were left out before it. */
export interface LeftOut {
  readonly unwritten?: number;
}

/** Says of repeated log lines which are written: the first few of each source in a minute. */
export class LogSampler {
  /** In the order in which their windows began. */
  readonly #sources = new Map<string, Source>();

  /**
   * Whether a line of a source is written at a time, unix milliseconds. `unwritten` is how many were not since the last one that
   * was.
   */
  next(name: string, at: number): { readonly isWritten: boolean; readonly unwritten: number } {
    const known = this.#sources.get(name);
    if (known && at - known.since < WINDOW_MS && at >= known.since) {
      known.lines++;
      return { isWritten: known.lines <= LINES, unwritten: 0 };
    }
    this.#sources.delete(name);
    this.#sources.set(name, { since: at, lines: 1 });
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES && oldest !== undefined) this.#sources.delete(oldest);
    return { isWritten: true, unwritten: Math.max((known?.lines ?? 0) - LINES, 0) };
  }

  /** Writes a line of a source, unless it is one too many; the line can say how many were left out. */
  tell(name: string, at: number, write: (leftOut: LeftOut) => void): void {
    const { isWritten, unwritten } = this.next(name, at);
    if (isWritten) write(unwritten > 0 ? { unwritten } : {});
  }
}
