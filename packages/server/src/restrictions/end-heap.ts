/** Something that ends at a time. Its place in the heap is kept with it, so that it is found again at once. */
interface Ending<T> {
  readonly one: T;
  readonly end: number;
  place: number;
}

/** Things in the order in which they end: a binary heap. Adding and removing cost the logarithm of how many there are. */
export class EndHeap<T> {
  readonly #heap: Ending<T>[] = [];
  readonly #endings = new Map<T, Ending<T>>();

  /** What ends first, and when; undefined when there is nothing. */
  get first(): { readonly one: T; readonly end: number } | undefined {
    return this.#heap[0];
  }

  /** What ends at or before a time, in no order. Costs as much as there is of it. */
  *upTo(end: number): Iterable<T> {
    const places = [0];
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const ending = this.#heap[place];
      if (!ending || ending.end > end) continue;
      yield ending.one;
      places.push(2 * place + 1, 2 * place + 2);
    }
  }

  /** Adds something that is not there yet. */
  add(one: T, end: number): void {
    const ending = { one, end, place: this.#heap.length };
    this.#endings.set(one, ending);
    this.#rise(ending);
  }

  /** Removes something, if it is there. */
  remove(one: T): void {
    const ending = this.#endings.get(one);
    if (!ending) return;
    this.#endings.delete(one);
    const last = this.#heap.pop();
    if (!last || last === ending) return;
    last.place = ending.place;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(ending: Ending<T>): void {
    for (;;) {
      const parent = this.#heap[(ending.place - 1) >> 1];
      if (ending.place === 0 || !parent || parent.end <= ending.end) break;
      this.#swapIn(parent, ending);
    }
    this.#heap[ending.place] = ending;
  }

  #sink(ending: Ending<T>): void {
    for (;;) {
      const left = this.#heap[2 * ending.place + 1];
      const right = this.#heap[2 * ending.place + 2];
      const child = right && left && right.end < left.end ? right : left;
      if (!child || child.end >= ending.end) break;
      this.#swapIn(child, ending);
    }
    this.#heap[ending.place] = ending;
  }

  /** Moves `other` to the place of `ending`, and `ending` to where `other` was. */
  #swapIn(other: Ending<T>, ending: Ending<T>): void {
    const { place } = other;
    this.#heap[ending.place] = other;
    other.place = ending.place;
    ending.place = place;
  }
}
