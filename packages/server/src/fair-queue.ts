interface Waiting<T> {
  readonly item: T;
  readonly owner: unknown;
}

/**
 * What waits, first come first served, except that owners take turns: who brings much keeps nobody else waiting. There are
 * rounds, and in each one an owner has at most one item.
 */
export class FairQueue<T> {
  readonly #rounds = new Map<number, Waiting<T>[]>();
  /** The round of an owner's next item; an owner with nothing in this round or a later one has none. */
  readonly #nextRound = new Map<unknown, number>();
  #round = 0;
  /** How many items of this round have been taken out. */
  #taken = 0;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  push(item: T, owner: unknown): void {
    const round = this.#nextRound.get(owner) ?? this.#round;
    this.#nextRound.set(owner, round + 1);
    const items = this.#rounds.get(round);
    if (items) items.push({ item, owner });
    else this.#rounds.set(round, [{ item, owner }]);
    this.#size++;
  }

  /** Takes out what is next. */
  shift(): T | undefined {
    return this.#take()?.item;
  }

  /** Puts all that waits in another queue, which is empty then, behind what waits here. */
  append(other: FairQueue<T>): void {
    for (let next = other.#take(); next; next = other.#take()) this.push(next.item, next.owner);
  }

  #take(): Waiting<T> | undefined {
    if (this.#taken === this.#rounds.get(this.#round)?.length) this.#endRound();
    const next = this.#rounds.get(this.#round)?.[this.#taken];
    if (!next) return undefined;
    this.#taken++;
    this.#size--;
    return next;
  }

  #endRound(): void {
    for (const { owner } of this.#rounds.get(this.#round) ?? [])
      if (this.#nextRound.get(owner) === this.#round + 1) this.#nextRound.delete(owner);
    this.#rounds.delete(this.#round);
    this.#round++;
    this.#taken = 0;
  }
}
