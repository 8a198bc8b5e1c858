/** The highest encoding that a receiver gets of a picture: the one that it wishes for, or the lowest while something holds it there. */
export class HighestLayer {
  readonly #tell: (layer: number) => void;
  readonly #holders: Set<object>;
  #wished: number;
  #told: number;

  /** `tell` says to the engine what the highest is from now on, and throws nothing. `holders` hold the lowest from the beginning. */
  constructor(wished: number, tell: (layer: number) => void, holders: readonly object[] = []) {
    this.#wished = wished;
    this.#tell = tell;
    this.#holders = new Set(holders);
    this.#told = this.now;
  }

  get now(): number {
    return this.isHeld ? 0 : this.#wished;
  }

  get isHeld(): boolean {
    return this.#holders.size > 0;
  }

  /** What the engine was told last. */
  get told(): number {
    return this.#told;
  }

  /** The receiver wishes for another one. Returns whether it is another; the engine is told with {@link say}, unless the lowest is held. */
  wish(layer: number): boolean {
    const isOther = layer !== this.#wished;
    this.#wished = layer;
    return isOther;
  }

  /** What the engine is to be told now. */
  say(): number {
    this.#told = this.now;
    return this.#told;
  }

  /** The lowest alone, until each who holds it has released it. */
  hold(by: object): void {
    this.#holders.add(by);
    this.#changed();
  }

  release(by: object): void {
    if (this.#holders.delete(by)) this.#changed();
  }

  #changed(): void {
    if (this.now !== this.#told) this.#tell(this.say());
  }
}
