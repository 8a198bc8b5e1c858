import type { RestrictedUser } from '../ports/index.ts';
import { EndHeap } from './end-heap.ts';

/** A user and a room as a text that is unique in the application; a user id holds no space. */
const textOf = ({ userId, room }: RestrictedUser): string => `${userId} ${room ?? ''}`;

/**
 * Denials, or bans: at most one for a user and a room (or none) of an application. They are found by these, by their
 * application, and in the order in which they end. What has ended stays until it is taken.
 */
export class TimedIndex<T extends RestrictedUser> {
  readonly #endOf: (one: T) => number;
  readonly #applications = new Map<number, Map<string, T>>();
  readonly #ends = new EndHeap<T>();

  constructor(all: Iterable<T>, endOf: (one: T) => number) {
    this.#endOf = endOf;
    for (const one of all) this.set(one);
  }

  find(at: RestrictedUser): T | undefined {
    return this.#applications.get(at.sdkAppId)?.get(textOf(at));
  }

  /** All of one application, by user and room; in no order. */
  of(sdkAppId: number): ReadonlyMap<string, T> {
    return this.#applications.get(sdkAppId) ?? new Map();
  }

  /** Puts one in the place of the one of the same application, user and room. */
  set(one: T): void {
    this.delete(one);
    const found = this.#applications.get(one.sdkAppId);
    if (found) found.set(textOf(one), one);
    else this.#applications.set(one.sdkAppId, new Map([[textOf(one), one]]));
    this.#ends.add(one, this.#endOf(one));
  }

  /** Forgets the one of an application, user and room, if it is there. */
  delete(at: RestrictedUser): void {
    const application = this.#applications.get(at.sdkAppId);
    const one = application?.get(textOf(at));
    if (!application || !one) return;
    this.#ends.remove(one);
    application.delete(textOf(at));
    if (application.size === 0) this.#applications.delete(at.sdkAppId);
  }

  /** When the first one ends, unix milliseconds; undefined: there is none. */
  get nextEnd(): number | undefined {
    return this.#ends.first?.end;
  }

  /** Forgets those that end at or before a time, and returns them in the order of their ends. */
  takeEnded(now: number): T[] {
    const ended: T[] = [];
    for (let first = this.#ends.first; first && first.end <= now; first = this.#ends.first) {
      this.delete(first.one);
      ended.push(first.one);
    }
    return ended;
  }
}
