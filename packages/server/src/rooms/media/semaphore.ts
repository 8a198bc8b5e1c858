/** Openings at a time on one place: enough to keep its worker busy, few enough that closings do not wait behind many of them. */
const WIDTH = 16;

interface Place {
  used: number;
  /** Those who found no lane, longest wait first. */
  readonly waiting: (() => void)[];
}

/** Bounds what all members together open on a place of the media plane at the same time; who waits longest is next. */
export class OpeningSemaphore {
  readonly #places = new Map<string, Place>();

  /** Resolves when there is a lane on the place; the result, called once, gives it back. */
  async enter(placeId: string): Promise<() => void> {
    const place = this.#places.get(placeId) ?? { used: 0, waiting: [] };
    this.#places.set(placeId, place);
    if (place.used < WIDTH) place.used++;
    else await new Promise<void>((resolve) => place.waiting.push(resolve));
    return () => this.#leave(placeId, place);
  }

  /** Hands the lane on. */
  #leave(placeId: string, place: Place): void {
    const next = place.waiting.shift();
    if (next) next();
    else place.used--;
    if (place.used === 0) this.#places.delete(placeId);
  }
}
