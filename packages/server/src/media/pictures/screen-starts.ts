/** How often the link is probed for a screen that does not fit, in ms; each time that it stops soon the time doubles, so often at most. */
const PROBE_MS = 2_000;
const MOST_DOUBLINGS = 2;
/** A screen that flows for so long has found its place on the link, in ms. */
const LASTING_MS = 10_000;

/** How often a screen began to flow over a link and stopped soon. Each attempt is a whole page, which costs the sound. */
export class ScreenStarts {
  /** Since when it flows, in ms of a monotonic clock. */
  #flowsSince: number | undefined;
  #stops = 0;

  /** It flows. Says whether it begins just now. */
  flows(): boolean {
    if (this.#flowsSince !== undefined) return false;
    this.#flowsSince = performance.now();
    return true;
  }

  /** It flows no more. */
  stopped(): void {
    if (this.#flowsSince === undefined) return;
    const lasted = performance.now() - this.#flowsSince >= LASTING_MS;
    this.#flowsSince = undefined;
    this.#stops = lasted ? 0 : this.#stops + 1;
  }

  /** How long to wait until the link is probed for it again, in ms. */
  get probeMs(): number {
    return PROBE_MS * 2 ** Math.min(this.#stops, MOST_DOUBLINGS);
  }
}
