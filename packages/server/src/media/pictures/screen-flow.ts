/** How long a screen waits that stops for the second time soon after it began, in ms; each time the time doubles, so often at most. */
const WAIT_MS = 2_000;
const MOST_DOUBLINGS = 4;
/** A screen that flows for so long has found its place on the link, in ms. */
const LASTING_MS = 10_000;

/**
 * How a screen flows over a link. Each beginning is a whole page, which costs the sound.
 *
 * A page that comes while the screen flows may be more than the link carries for a moment. The engine then gives the receiver another
 * encoding, or none at all. As a still screen takes next to nothing, the screen fits again right afterwards.
 */
export class ScreenFlow {
  /** Since when it flows, in ms of a monotonic clock. */
  #flowsSince: number | undefined;
  #layer = 0;
  #stops = 0;

  /**
   * It flows in this encoding, of which the highest that it may get is `highest`. It `begins`, or was `lowered` because of the link;
   * `on` says that nothing of the kind has happened.
   */
  flows(layer: number, highest: number): 'begins' | 'lowered' | 'on' {
    const before = this.#layer;
    this.#layer = layer;
    if (this.#flowsSince === undefined) {
      this.#flowsSince = performance.now();
      return 'begins';
    }
    return layer < before && layer < highest ? 'lowered' : 'on';
  }

  /** It flows no more, and not because of the link. */
  interrupted(): void {
    this.#flowsSince = undefined;
  }

  /**
   * It flows no more. Says for how long it should wait, in ms: not at all the first time since it lasted; undefined when it did not
   * flow.
   */
  stopped(): number | undefined {
    if (this.#flowsSince === undefined) return undefined;
    if (performance.now() - this.#flowsSince >= LASTING_MS) this.#stops = 0;
    this.#flowsSince = undefined;
    const stopsBefore = this.#stops++;
    return stopsBefore === 0 ? 0 : WAIT_MS * 2 ** Math.min(stopsBefore - 1, MOST_DOUBLINGS);
  }
}
