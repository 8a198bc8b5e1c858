import { START_BITRATE } from './link-cap.ts';

/** With less, in bit/s, a page of the full encoding of a screen takes so long that those of the low one are better. */
const NARROW_BITRATE = 1_000_000;
/** With so much, in bit/s, a link is wide again. */
const WIDE_BITRATE = 1_200_000;
/** How long a link is taken for narrow until it is probed, in ms; each time in vain the time doubles, so often at most. */
const NARROW_MS = 20_000;
const MOST_DOUBLINGS = 2;
/** How long the engine takes to find out what a probe has shown, in ms. */
const PROBE_MS = 4_000;

/** What a link is asked. */
interface Parts {
  /** What it is believed to carry of pictures, in bit/s. */
  readonly available: () => Promise<number | undefined>;
  readonly probe: (needed: number) => void;
  /** Runs a job later, as long as the link is there. Returns the undo. */
  readonly after: (ms: number, job: () => void) => () => void;
}

/**
 * Whether the pages of screens fit on a link. Somebody who types hides how little it carries, until the page turns. So a link that was
 * narrow lately gets the low encoding of screens, whatever fits at the moment.
 */
export class PageLink {
  readonly #parts: Parts;
  readonly #screens = new Set<(isNarrow: boolean) => void>();
  #isNarrow = false;
  #inVain = 0;
  #stop = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isNarrow(): boolean {
    return this.#isNarrow;
  }

  /** Whether a screen is there to hear of it. */
  get hasScreens(): boolean {
    return this.#screens.size > 0;
  }

  /** Says to a screen that the link is narrow, and when that changes. Returns the undo. */
  add(tell: (isNarrow: boolean) => void): () => void {
    this.#screens.add(tell);
    if (this.#isNarrow) tell(true);
    return () => void this.#screens.delete(tell);
  }

  /** What the engine believes of the link now. Of a narrow one that says nothing new: little is sent over it. */
  heard(available: number): void {
    if (available < NARROW_BITRATE && !this.#isNarrow && this.hasScreens) this.failed();
  }

  /** A page did not fit. */
  failed(): void {
    this.#change(true);
    this.#probeLater();
  }

  #change(isNarrow: boolean): void {
    if (this.#isNarrow === isNarrow) return;
    this.#isNarrow = isNarrow;
    for (const tell of this.#screens) tell(isNarrow);
  }

  #probeLater(): void {
    this.#stop();
    const ms = NARROW_MS * 2 ** Math.min(this.#inVain, MOST_DOUBLINGS);
    this.#stop = this.#parts.after(ms, () => {
      if (!this.hasScreens) {
        this.#isWide();
        return;
      }
      this.#parts.probe(START_BITRATE);
      this.#stop = this.#parts.after(PROBE_MS, () => void this.#look().catch(() => {}));
    });
  }

  #isWide(): void {
    this.#inVain = 0;
    this.#change(false);
  }

  async #look(): Promise<void> {
    const available = (await this.#parts.available()) ?? 0;
    if (available >= WIDE_BITRATE) {
      this.#isWide();
    } else {
      this.#inVain++;
      this.#probeLater();
    }
  }
}
