/** Openings at a time on one place: enough to keep its worker busy, few enough that closings do not wait behind many of them. */
const WIDTH = 16;

interface Place {
  used: number;
  /** Those who found no permit, longest wait first. */
  readonly waiting: (() => void)[];
}

/** Bounds what all members together open on a place of the media plane at the same time; who waits longest is next. */
export class OpeningSemaphore {
  readonly #places = new Map<string, Place>();

  /** Resolves when there is a permit for the place; the result, called once, releases it. */
  async acquire(placeId: string): Promise<() => void> {
    const place = this.#places.get(placeId) ?? { used: 0, waiting: [] };
    this.#places.set(placeId, place);
    if (place.used < WIDTH) place.used++;
    else await new Promise<void>((resolve) => place.waiting.push(resolve));
    return () => this.#release(placeId, place);
  }

  /** Hands the permit on. */
  #release(placeId: string, place: Place): void {
    const next = place.waiting.shift();
    if (next) next();
    else place.used--;
    if (place.used === 0) this.#places.delete(placeId);
  }
}
