import { type MediaPlane, recorded } from '../ports/index.ts';
import { Mailbox } from './state/mailbox.ts';
import { Turn } from './turn.ts';

/** A decision that was made, and the wait for what follows from it. */
export interface Decided<T> {
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

  /** Makes a decision and waits for nothing that follows. Rejects with what it throws. */
  async run<T>(decision: () => T): Promise<T> {
    const { turn, result } = await this.#take(decision);
    turn.confirmed(this.#plane).catch(this.#fault);
    return result;
  }

  /** Makes a decision; the caller waits for what follows when it likes. Rejects with what it throws. */
  async make<T>(decision: () => T): Promise<Decided<T>> {
    const { turn, result } = await this.#take(decision);
    return { result, done: () => this.#done(turn) };
  }

  /**
   * Makes a decision; resolves when the media engine has closed what it closes and what it grants is on record.
   * Rejects with what it throws, or with `journalUnavailable`.
   */
  async decide<T>(decision: () => T): Promise<T> {
    const { turn, result } = await this.#take(decision);
    await this.#done(turn);
    return result;
  }

  /** Makes a decision that nobody waits for. */
  post(decision: () => void): void {
    this.run(decision).catch(this.#fault);
  }

  async #take<T>(decision: () => T): Promise<{ turn: Turn; result: T }> {
    const turn = new Turn();
    try {
      const result = await this.#mailbox.run(() => this.#within(turn, decision));
      return { turn, result };
    } catch (error) {
      // A refusal can close something too: an engine that does not confirm in time is ended.
      await turn.confirmed(this.#plane);
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

  async #done(turn: Turn): Promise<void> {
    await turn.confirmed(this.#plane);
    await recorded(turn.grants);
  }
}
