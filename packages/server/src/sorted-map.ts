/** Most keys in one run. A new key moves at most so many. */
const RUN = 512;

/** A map whose entries are also found in the order of their keys, from any key on, without sorting. */
export class SortedMap<T> {
  readonly #entries = new Map<string, T>();
  /** The keys in their order, cut into runs of which none is empty. */
  readonly #runs: string[][] = [];

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  /** All of them, in the order in which their keys came. */
  values(): Iterable<T> {
    return this.#entries.values();
  }

  /** The entries with keys above another one, in the order of their keys. They may not change while this is walked through. */
  *behind(key: string): Iterable<readonly [string, T]> {
    let from = this.#runOf(key);
    let at = placeIn(this.#runs[from] ?? [], key);
    if (this.#runs[from]?.[at] === key) at++;
    for (let run = this.#runs[from]; run; run = this.#runs[++from], at = 0)
      for (let name = run[at]; name !== undefined; name = run[++at])
        yield [name, this.#entries.get(name) as T];
  }

  set(key: string, value: T): void {
    if (!this.#entries.has(key)) this.#insert(key);
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    if (!this.#entries.delete(key)) return;
    const at = this.#runOf(key);
    const run = this.#runs[at] ?? [];
    run.splice(placeIn(run, key), 1);
    if (run.length === 0) this.#runs.splice(at, 1);
  }

  #insert(key: string): void {
    const at = this.#runOf(key);
    const run = this.#runs[at];
    if (!run) {
      this.#runs.push([key]);
      return;
    }
    run.splice(placeIn(run, key), 0, key);
    if (run.length > RUN) this.#runs.splice(at + 1, 0, run.splice(RUN / 2));
  }

  /** The place of the run in which a key is or belongs. */
  #runOf(key: string): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle]?.[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

/** The place of the first key of a run that does not come before another one. */
function placeIn(run: readonly string[], key: string): number {
  let [low, high] = [0, run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((run[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
