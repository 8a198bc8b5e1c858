/** Work that one turn of the event loop does for a room. One unit is about one thing opened, closed or told. */
const TURN = 500;
/** More items than that are left to later turns as a whole: the change itself has taken its time already. */
const MANY = 100;
/** Most items of a change that closes at once although the turn has its work already: one member does not wait for a thousand. */
const FEW = 8;

/** One thing to do, and how much work it is. */
interface Piece {
  readonly work: () => number;
  readonly job: () => void;
}

/**
 * Work for many members, divided over turns of the event loop, so that nobody else waits for it. What fits into the
 * present turn is done at once. What closes something goes before what opens something, however long that waits already.
 */
export class Batches {
  readonly #fault: (error: unknown) => void;
  readonly #closing: Piece[] = [];
  readonly #opening: Piece[] = [];
  /** Work that still fits into this turn. */
  #left = TURN;
  #running = false;

  /** `fault` is told what a job throws; the others go on. */
  constructor(fault: (error: unknown) => void) {
    this.#fault = fault;
  }

  /**
   * Does a job for each item; `work` says how much it is when its time has come. Resolves when it is done for all of
   * them; undefined when that is so already.
   */
  close<T>(
    items: Iterable<T>,
    job: (item: T) => void,
    work: (item: T) => number = () => 1,
  ): Promise<void> | undefined {
    const all = [...items].map((item) => ({ work: () => work(item), job: () => job(item) }));
    const least = all.length <= FEW ? -TURN : all.length > MANY ? TURN : 0;
    let done = 0;
    while (done < all.length && this.#left > least) this.#do(all[done++] as Piece);
    this.#goOn();
    if (done === all.length) return undefined;
    return new Promise((resolve) => {
      this.#closing.push(...all.slice(done), { work: () => 0, job: resolve });
    });
  }

  /**
   * Does a job for each item behind all closings that wait: what is said in this way is said in its order. Resolves when
   * it is done for all of them; undefined when that is so already.
   */
  afterwards<T>(items: Iterable<T>, job: (item: T) => void): Promise<void> | undefined {
    const all = [...items].map((item) => ({ work: () => 1, job: () => job(item) }));
    for (const piece of all) {
      if (this.#closing.length === 0 && this.#left > 0 && all.length <= MANY) this.#do(piece);
      else this.#closing.push(piece);
    }
    this.#goOn();
    if (this.#closing.length === 0) return undefined;
    return new Promise((resolve) => this.#closing.push({ work: () => 0, job: resolve }));
  }

  /** Does a job for each item behind all that waits. */
  open<T>(items: Iterable<T>, job: (item: T) => void, work: (item: T) => number = () => 1): void {
    const all = [...items].map((item) => ({ work: () => work(item), job: () => job(item) }));
    for (const piece of all) {
      const isFree = this.#closing.length === 0 && this.#opening.length === 0;
      if (isFree && this.#left > 0 && all.length <= MANY) this.#do(piece);
      else this.#opening.push(piece);
    }
    this.#goOn();
  }

  #do({ work, job }: Piece): void {
    try {
      this.#left -= work();
      job();
    } catch (error) {
      this.#fault(error);
    }
  }

  #goOn(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#left = TURN;
    this.#drain(this.#closing);
    if (this.#closing.length === 0) this.#drain(this.#opening);
    this.#running = this.#closing.length > 0 || this.#opening.length > 0;
    if (this.#running) setImmediate(() => this.#nextTurn());
  }

  #drain(pieces: Piece[]): void {
    let done = 0;
    for (const piece of pieces) {
      if (this.#left <= 0) break;
      done++;
      this.#do(piece);
    }
    pieces.splice(0, done);
  }
}
