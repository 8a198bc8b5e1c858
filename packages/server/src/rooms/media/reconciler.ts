/** What a reconciler does to the world. */
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
 * Makes the world follow a set of wanted things, each known by a key. A thing that is dropped closes at once. A thing
 * that is wanted opens after `start`, at most `width` of them at a time. An opening that ends after its thing was
 * dropped is closed again before anybody hears of it. Every call costs as much as the things that it names.
 */
export class Reconciler<Item> {
  readonly #effects: Effects<Item>;
  readonly #width: number;
  readonly #held = new Map<string, Held<Item>>();
  /** Keys whose thing can be opened now. */
  readonly #waiting = new Set<string>();
  /** Keys with an opening in flight that nobody wants any more: a new one of the same key waits for its end. */
  readonly #ending = new Set<string>();
  #running = 0;

  constructor(effects: Effects<Item>, width: number) {
    this.#effects = effects;
    this.#width = width;
  }

  /** Adds a thing. One that is held under the key already is left as it is. */
  want(key: string, item: Item): void {
    if (this.#held.has(key)) return;
    this.#held.set(key, { item, state: 'waiting' });
    if (!this.#ending.has(key)) this.#waiting.add(key);
  }

  /** Takes a thing out and closes it. Says whether there was something to close. */
  drop(key: string): boolean {
    const held = this.#held.get(key);
    if (!held) return false;
    this.#held.delete(key);
    this.#waiting.delete(key);
    if (held.state === 'opening') this.#ending.add(key);
    if (held.state === 'waiting') return false;
    this.#effects.close(held.item);
    return true;
  }

  /** Opens what waits, as far as the width goes; the rest follows by itself. */
  start(): void {
    for (const key of this.#waiting) {
      if (this.#running >= this.#width) return;
      const held = this.#held.get(key);
      this.#waiting.delete(key);
      if (held) void this.#open(key, held);
    }
  }

  /** The thing that is held under a key, in whatever state. */
  get(key: string): Item | undefined {
    return this.#held.get(key)?.item;
  }

  /** The thing of a key, if it is open. */
  opened(key: string): Item | undefined {
    const held = this.#held.get(key);
    return held?.state === 'open' ? held.item : undefined;
  }

  /** How many things are held. */
  get size(): number {
    return this.#held.size;
  }

  /** The keys of all things that are held. */
  keys(): Iterable<string> {
    return this.#held.keys();
  }

  /** Everything that is open. */
  *open(): Iterable<Item> {
    for (const held of this.#held.values()) if (held.state === 'open') yield held.item;
  }

  /** Lets a thing that failed be opened again by the next `start`. */
  retry(key: string): void {
    const held = this.#held.get(key);
    if (held?.state !== 'failed') return;
    held.state = 'waiting';
    this.#waiting.add(key);
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
      if (this.#ending.delete(key) && this.#held.get(key)?.state === 'waiting') this.#waiting.add(key);
      this.start();
    }
  }
}
