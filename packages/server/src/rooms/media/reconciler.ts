/** What a reconciler does to the context. */
export interface Effects<Item> {
  /** Makes the thing. May fail half-way. */
  open(item: Item): Promise<void>;
  /** The thing is there and is still wanted. */
  opened(item: Item): void;
  /** The thing could not be made, though it is still wanted. */
  failed(item: Item, error: unknown): void;
  /** Unmakes the thing, or whatever there is of it. Returns at once, is idempotent. */
  close(item: Item): void;
}

type Held<Item> = { readonly item: Item; state: 'waiting' | 'opening' | 'open' | 'failed' };

/**
 * Makes the context follow a wanted set: what is no longer wanted closes first and at once,
 * what is newly wanted opens later, at most `width` at a time. An opening that ends after its thing
 * has ceased to be wanted is closed again before anybody hears of it.
 */
export class Reconciler<Item> {
  readonly #effects: Effects<Item>;
  readonly #width: number;
  readonly #held = new Map<string, Held<Item>>();
  /** Keys with an opening in flight that nobody wants any more: a new one of the same key waits for its end. */
  readonly #ending = new Set<string>();
  #running = 0;

  constructor(effects: Effects<Item>, width: number) {
    this.#effects = effects;
    this.#width = width;
  }

  /** Takes over the newest wanted set, key to thing, and closes what is not in it; `start` opens. A thing of a known key is left as it is. */
  apply(wanted: ReadonlyMap<string, Item>): void {
    for (const [key, held] of this.#held) {
      if (wanted.has(key)) continue;
      this.#held.delete(key);
      if (held.state === 'opening') this.#ending.add(key);
      if (held.state !== 'waiting') this.#effects.close(held.item);
    }
    for (const [key, item] of wanted) {
      if (!this.#held.has(key)) this.#held.set(key, { item, state: 'waiting' });
    }
  }

  /** Opens what waits, as far as the width goes; the rest follows by itself. */
  start(): void {
    if (this.#running >= this.#width) return;
    for (const [key, held] of this.#held) {
      if (held.state !== 'waiting' || this.#ending.has(key)) continue;
      void this.#open(key, held);
      if (this.#running >= this.#width) return;
    }
  }

  /** What the last `apply` knows by a key, in whatever state. */
  get(key: string): Item | undefined {
    return this.#held.get(key)?.item;
  }

  /** Everything that is open. */
  *open(): Iterable<Item> {
    for (const held of this.#held.values()) if (held.state === 'open') yield held.item;
  }

  /** Forgets a failed thing, so that the next `apply` tries again. */
  retry(key: string): void {
    if (this.#held.get(key)?.state === 'failed') this.#held.delete(key);
  }

  async #open(key: string, held: Held<Item>): Promise<void> {
    held.state = 'opening';
    this.#running++;
    try {
      await this.#effects.open(held.item);
      if (this.#held.get(key) === held) {
        held.state = 'open';
        this.#effects.opened(held.item);
      } else {
        this.#effects.close(held.item);
      }
    } catch (error) {
      if (this.#held.get(key) === held) {
        held.state = 'failed';
        this.#effects.failed(held.item, error);
      }
    } finally {
      this.#running--;
      if (this.#held.get(key) !== held) this.#ending.delete(key);
      this.start();
    }
  }
}
