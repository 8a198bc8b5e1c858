/** The highest encoding that a receiver gets of a picture: the one that it wishes for, or the lowest while something holds it there. */
export class HighestLayer {
  readonly #tell: (layer: number) => void;
  readonly #holders = new Set<object>();
  #wished: number;

  /** `tell` says to the engine what the highest is from now on, and throws nothing. */
  constructor(wished: number, tell: (layer: number) => void) {
    this.#wished = wished;
    this.#tell = tell;
  }

  get now(): number {
    return this.isHeld ? 0 : this.#wished;
  }

  get isHeld(): boolean {
    return this.#holders.size > 0;
  }

  /** The receiver wishes for another one. Returns whether it is another; the caller tells the engine, unless the lowest is held. */
  wish(layer: number): boolean {
    const isOther = layer !== this.#wished;
    this.#wished = layer;
    return isOther;
  }

  /** The lowest alone, until each who holds it has released it. */
  hold(by: object): void {
    const before = this.now;
    this.#holders.add(by);
    if (this.now !== before) this.#tell(this.now);
  }

  release(by: object): void {
    const before = this.now;
    this.#holders.delete(by);
    if (this.now !== before) this.#tell(this.now);
  }
}
