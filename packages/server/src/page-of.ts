type Key = string | number;

/** A page of things that come in the order of their keys, and the `next` page's `after` where there is one. Looks at no more than those. */
export function pageOf<T>(
  ordered: Iterable<readonly [Key, T]>,
  limit: number,
): { readonly rows: T[]; readonly next: { readonly next?: string } } {
  const rows: T[] = [];
  let last: Key = '';
  for (const [key, row] of ordered) {
    if (rows.length === limit) return { rows, next: { next: String(last) } };
    rows.push(row);
    last = key;
  }
  return { rows, next: {} };
}

/** Gathers what a page needs of things that come in no order: one pass, in which no more than two pages are kept and sorted. */
export class PageGatherer<K extends Key, T> {
  readonly #after: K;
  /** One more than the page has: it tells that there is another page. */
  readonly #most: number;
  #kept: (readonly [K, T])[] = [];
  /** What is not below it does not belong to the page. */
  #bound: K | undefined;

  /** The page has at most `limit` things, all of them behind `after`. */
  constructor(after: K, limit: number) {
    this.#after = after;
    this.#most = limit + 1;
  }

  add(key: K, row: T): void {
    if (key <= this.#after || (this.#bound !== undefined && key >= this.#bound)) return;
    this.#kept.push([key, row]);
    if (this.#kept.length < 2 * this.#most) return;
    this.#kept = this.ordered;
    this.#bound = this.#kept.at(-1)?.[0];
  }

  /** What {@link pageOf} makes the page of. */
  get ordered(): (readonly [K, T])[] {
    return this.#kept.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, this.#most);
  }
}
