import { type MediaPlane, recorded } from '../ports/index.ts';
import { Mailbox } from './state/mailbox.ts';
import { Turn } from './turn.ts';

/** A decision that was made, and the wait for what follows from it. */
export interface Made<T> {
  readonly result: T;
  /**
   * Resolves when the media engine has closed what the decision closes and what it grants is on record.
   *
   * @throws {ServiceError} `journalUnavailable`
   */
  readonly done: () => Promise<void>;
}

/**
 * The turns of a room: decisions, one after another. A decision is synchronous; it changes state and returns. What takes
 * time happens outside and comes back as another decision.
 */
export class Turns {
  readonly #mailbox = new Mailbox();
  readonly #plane: MediaPlane;
  readonly #fault: (error: unknown) => void;
  /** One for each decision whose closings the media engine has not confirmed. */
  readonly #unconfirmed = new Set<Promise<void>>();
  #now: Turn | undefined;

  /** `fault` is told what a decision throws that nobody waits for. */
  constructor(plane: MediaPlane, fault: (error: unknown) => void) {
    this.#plane = plane;
    this.#fault = fault;
  }

  /** The decision that is being made. */
  get now(): Turn {
    if (!this.#now) throw new Error('No decision is being made.');
    return this.#now;
  }

  /** Resolves when the media engine has closed what all decisions so far close. Never rejects. */
  async confirmed(): Promise<void> {
    await Promise.all(this.#unconfirmed);
  }

  /** Makes a decision and waits for nothing that follows. Rejects with what it throws. */
  async run<T>(decision: () => T): Promise<T> {
    const { confirmed, result } = await this.#take(decision);
    confirmed.catch(this.#fault);
    return result;
  }

  /** Makes a decision; the caller waits for what follows when it likes. Rejects with what it throws. */
  async make<T>(decision: () => T): Promise<Made<T>> {
    const { turn, confirmed, result } = await this.#take(decision);
    const done = async () => {
      await confirmed;
      await recorded(turn.grants);
    };
    return { result, done };
  }

  /**
   * Makes a decision; resolves when the media engine has closed what it closes and what it grants is on record.
   * Rejects with what it throws, or with `journalUnavailable`.
   */
  async decide<T>(decision: () => T): Promise<T> {
    const { result, done } = await this.make(decision);
    await done();
    return result;
  }

  /**
   * The same, and what was decided before is closed as well: where an operator is told that something is closed, an
   * earlier decision may be closing it still.
   */
  async decideForAll<T>(decision: () => T): Promise<T> {
    const { result, done } = await this.make(decision);
    await this.confirmed();
    await done();
    return result;
  }

  /** Makes a decision that nobody waits for. */
  post(decision: () => void): void {
    this.run(decision).catch(this.#fault);
  }

  async #take<T>(decision: () => T): Promise<{ turn: Turn; confirmed: Promise<void>; result: T }> {
    const turn = new Turn();
    const { promise: settled, resolve: settle } = withResolver();
    const confirm = () => {
      const confirmed = turn.confirmed(this.#plane);
      const over = () => {
        this.#unconfirmed.delete(settled);
        settle();
      };
      confirmed.then(over, over);
      return confirmed;
    };
    try {
      const result = await this.#mailbox.run(() => {
        // Before the decision: whoever asks within it waits for this one, too.
        this.#unconfirmed.add(settled);
        return this.#within(turn, decision);
      });
      return { turn, confirmed: confirm(), result };
    } catch (error) {
      // A refusal can close something too: an engine that does not confirm in time is ended.
      await confirm();
      throw error;
    }
  }

  #within<T>(turn: Turn, decision: () => T): T {
    this.#now = turn;
    try {
      return decision();
    } finally {
      this.#now = undefined;
    }
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}
