import type { MediaPlace, MediaPlane, Recording } from '../ports/index.ts';

/** What one decision has set going: where it closes something, who may lose a transport for that, and what it grants. */
export class Turn {
  readonly #closed = new Map<string, { readonly place: MediaPlace; readonly transportIds: Set<string> }>();
  readonly #work: Promise<void>[] = [];
  /** The records of what was granted. */
  readonly grants: (Recording | undefined)[] = [];

  /**
   * Something closes on a place. `transportIds` are those of a member who stays inside: they are cut off when the media
   * engine does not confirm in time.
   */
  closes(place: MediaPlace | undefined, transportIds: Iterable<string> = []): void {
    if (!place) return;
    const known = this.#closed.get(place.placeId) ?? { place, transportIds: new Set() };
    this.#closed.set(place.placeId, known);
    for (const transportId of transportIds) known.transportIds.add(transportId);
  }

  /** Work of this decision that goes on in later turns of the event loop. */
  waitsFor(work: Promise<void> | undefined): void {
    if (work) this.#work.push(work);
  }

  /** Resolves when the media engine has done what was closed. */
  async confirmed(plane: MediaPlane): Promise<void> {
    for (let work = this.#work.shift(); work; work = this.#work.shift()) await work;
    const asked = [...this.#closed.values()];
    await Promise.all(asked.map(({ place, transportIds }) => plane.confirmClosed(place, [...transportIds])));
  }
}
