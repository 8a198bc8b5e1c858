import type { RestrictedUser } from '../ports/index.ts';
import { SortedMap } from '../sorted-map.ts';
import { EndHeap } from './end-heap.ts';

/** A user and a room as a text that is unique in the application; a user id holds no space. */
const textOf = ({ userId, room }: RestrictedUser): string => `${userId} ${room ?? ''}`;

/**
 * Denials, or bans: at most one for a user and a room (or none) of an application. They are found by these, by their
 * application in the order of users and rooms, and in the order in which they end. What has ended stays until it is deleted: a wall clock that is set back may
 * let it hold again.
 */
export class TimedIndex<T extends RestrictedUser> {
  readonly #endOf: (one: T) => number;
  readonly #applications = new Map<number, SortedMap<T>>();
  /** What holds, as far as `turned` has seen, and what has ended. */
  readonly #ends = new EndHeap<T>();
  readonly #over = new EndHeap<T>();
  /** The time of the last `turned`. */
  #seen = Number.NEGATIVE_INFINITY;

  constructor(all: Iterable<T>, endOf: (one: T) => number) {
    this.#endOf = endOf;
    for (const one of all) this.set(one);
  }

  find(at: RestrictedUser): T | undefined {
    return this.#applications.get(at.sdkAppId)?.get(textOf(at));
  }

  /** Those of one application behind a user and room, in the order of their names. */
  behind(sdkAppId: number, name: string): Iterable<readonly [string, T]> {
    return this.#applications.get(sdkAppId)?.behind(name) ?? [];
  }

  /** Puts one in the place of the one of the same application, user and room. */
  set(one: T): void {
    const name = textOf(one);
    const application = this.#applications.get(one.sdkAppId) ?? new SortedMap<T>();
    const before = application.get(name);
    if (before) this.#endless(before);
    application.set(name, one);
    this.#applications.set(one.sdkAppId, application);
    this.#ends.add(one, this.#endOf(one));
  }

  /** Forgets the one of an application, user and room, if it is there. */
  delete(at: RestrictedUser): void {
    const application = this.#applications.get(at.sdkAppId);
    const one = application?.get(textOf(at));
    if (!application || !one) return;
    this.#endless(one);
    application.delete(textOf(at));
    if (application.size === 0) this.#applications.delete(at.sdkAppId);
  }

  /** When the first one of those that hold ends, unix milliseconds; undefined: there is none. */
  get nextEnd(): number | undefined {
    return this.#ends.first?.end;
  }

  /** Whether something has ended that was not deleted. */
  get hasOver(): boolean {
    return this.#over.first !== undefined;
  }

  /** Those that have ended at a time and held when this was asked before, and those that hold again. */
  turned(now: number): T[] {
    const ended = moved(this.#ends, this.#over, (end) => end <= now);
    const wasSetBack = now < this.#seen;
    this.#seen = now;
    if (!wasSetBack) return ended;
    const over = moved(this.#over, this.#ends, () => true);
    moved(this.#ends, this.#over, (end) => end <= now);
    return [...ended, ...over.filter((one) => this.#endOf(one) > now)];
  }

  /** Those that end at or before a time, in the order of their ends. */
  ended(now: number): T[] {
    const ended = [...this.#over.upTo(now), ...this.#ends.upTo(now)];
    return ended.sort((one, other) => this.#endOf(one) - this.#endOf(other));
  }

  /** Looks no longer for the end of one. */
  #endless(one: T): void {
    this.#ends.remove(one);
    this.#over.remove(one);
  }
}

/** Moves the first ones of a heap to another, as long as their ends are such. Returns them. */
function moved<T>(from: EndHeap<T>, to: EndHeap<T>, isSuch: (end: number) => boolean): T[] {
  const all: T[] = [];
  for (let first = from.first; first && isSuch(first.end); first = from.first) {
    from.remove(first.one);
    to.add(first.one, first.end);
    all.push(first.one);
  }
  return all;
}
