import { ServiceError } from '@roomkey/protocol';
import { StoreError } from './ports/index.ts';

/** How often a change is decided, at most, while other processes change the same thing. */
const MOST_ATTEMPTS = 5;

/** A change of something that is kept in a store. */
export interface StoredChange<T> {
  /** Decides on what is in memory, saves it, and puts it in force once it is saved. May run several times. */
  readonly decide: () => Promise<T>;
  /** Brings what the decision rests on from the store into memory. Runs after a decision that ended in a conflict. */
  readonly reload: () => Promise<void>;
}

/**
 * Makes changes one after another. A change that another process has overtaken is decided again on what the store holds by
 * then.
 */
export class ChangeQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * Makes a change when all that were asked before are made. What `decide` throws changes nothing and is passed on.
   *
   * @throws {ServiceError} `internal` (nothing was changed) when the store refused, or other processes were faster each time
   */
  run<T>(change: StoredChange<T>): Promise<T> {
    const done = this.#tail.then(() => attempt(change));
    this.#tail = done.catch(() => undefined);
    return done;
  }
}

async function attempt<T>({ decide, reload }: StoredChange<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      if (attempts > 1) await reload();
      return await decide();
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause;
      if (cause.fault === 'conflict' && attempts < MOST_ATTEMPTS) continue;
      const text = `Nothing was changed: the database refused it. ${cause.message}`;
      throw new ServiceError('internal', text, { cause });
    }
  }
}
