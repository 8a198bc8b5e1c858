/** How many connections there may be. */
export interface ConnectionBounds {
  /** All together. */
  readonly total: number;
  /** Of `total`, kept free of those that enter, for those that come back. */
  readonly kept: number;
  /** Of one address, inside. */
  readonly insidePerAddress: number;
  /** Of one address, not inside yet. */
  readonly outsidePerAddress: number;
}

interface OfAddress<T> {
  /** Oldest first. */
  readonly outside: Set<T>;
  inside: number;
}

interface Noted {
  readonly address: string;
  /** Counts as inside. */
  counted: boolean;
}

/**
 * The connections that there are, by address, and whether each has entered. Decides who has to go for whom. Those that have
 * not entered make room, the oldest first, and before them those that are being closed: so whoever opens many connections puts out its own, and who has entered stays.
 */
export class ConnectionBook<T> {
  readonly #bounds: ConnectionBounds;
  readonly #noted = new Map<T, Noted>();
  /** Oldest first. */
  readonly #outside = new Set<T>();
  /** What is over and whose client has not closed yet, oldest first. */
  readonly #closing = new Set<T>();
  readonly #addresses = new Map<string, OfAddress<T>>();
  #inside = 0;

  constructor(bounds: ConnectionBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#noted.size;
  }

  /** Whether there is room for one more, once the one that `makeRoom` names has gone. */
  hasRoom(): boolean {
    return this.#noted.size < this.#bounds.total || this.#closing.size + this.#outside.size > 0;
  }

  /** The connection that has to go before another one of an address may come. */
  makeRoom(address: string): T | undefined {
    const outside = this.#addresses.get(address)?.outside;
    if (outside && outside.size >= this.#bounds.outsidePerAddress) return first(outside);
    return this.#noted.size >= this.#bounds.total
      ? (first(this.#closing) ?? first(this.#outside))
      : undefined;
  }

  /** A connection has come; it has not entered. */
  came(connection: T, address: string): void {
    this.#noted.set(connection, { address, counted: false });
    this.#outside.add(connection);
    const known = this.#addresses.get(address);
    if (known) known.outside.add(connection);
    else this.#addresses.set(address, { outside: new Set([connection]), inside: 0 });
  }

  /** What stands against one more that enters; who comes back is not asked. */
  fullFor(connection: T): 'full' | 'addressFull' | undefined {
    const noted = this.#noted.get(connection);
    const { total, kept, insidePerAddress } = this.#bounds;
    if (this.#inside >= total - kept) return 'full';
    const inside = noted ? (this.#addresses.get(noted.address)?.inside ?? 0) : 0;
    return inside >= insidePerAddress ? 'addressFull' : undefined;
  }

  /** Counts a connection as one inside, from the moment that it asks to enter; it keeps its age until it has `entered`. */
  enters(connection: T): void {
    this.#count(connection, 1);
  }

  /** It was refused. */
  notEntered(connection: T): void {
    this.#count(connection, -1);
  }

  /** It is inside: it goes for nobody any more. */
  entered(connection: T): void {
    const noted = this.#noted.get(connection);
    if (!noted) return;
    this.#outside.delete(connection);
    this.#addresses.get(noted.address)?.outside.delete(connection);
  }

  /** It is over, but not gone yet: it does not count as inside any more, and is the first to go. */
  closes(connection: T): void {
    if (!this.#noted.has(connection)) return;
    this.notEntered(connection);
    this.entered(connection);
    this.#closing.add(connection);
  }

  /** It is gone. Idempotent. */
  gone(connection: T): void {
    const noted = this.#noted.get(connection);
    if (!noted) return;
    this.notEntered(connection);
    this.entered(connection);
    this.#closing.delete(connection);
    this.#noted.delete(connection);
    const known = this.#addresses.get(noted.address);
    if (known && known.inside === 0 && known.outside.size === 0) this.#addresses.delete(noted.address);
  }

  #count(connection: T, change: 1 | -1): void {
    const noted = this.#noted.get(connection);
    const known = noted && this.#addresses.get(noted.address);
    if (!known || noted.counted === change > 0) return;
    noted.counted = change > 0;
    known.inside += change;
    this.#inside += change;
  }
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value;
}
