/** The first wait of a picture that does not fit through a link, in ms; each further one is twice as long. */
const FIRST_MS = 4_000;
const LONGEST_MS = 30_000;
/** A picture that has flowed for so long fits, in ms: the next wait is a first one. */
const FITS_MS = 10_000;

/** How long a picture that does not fit through a link waits until it is tried again. Times are in ms of a monotonic clock. */
export class ReturnWait {
  #waits = 0;
  #returnedAt: number | undefined;

  /** It flows. */
  returned(ms: number): void {
    this.#returnedAt ??= ms;
  }

  /**
   * It does not fit; returns how long it waits now. `holds`: it had just come back, so it is not to come back before that, even if
   * the estimate says for a moment that it could.
   */
  next(ms: number): { readonly ms: number; readonly holds: boolean } {
    const flowed = this.#returnedAt === undefined ? undefined : ms - this.#returnedAt;
    this.#returnedAt = undefined;
    if (flowed !== undefined && flowed >= FITS_MS) this.#waits = 0;
    const holds = flowed !== undefined && flowed < FITS_MS && this.#waits > 0;
    return { ms: Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#waits++), holds };
  }
}
