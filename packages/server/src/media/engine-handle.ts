import { ServiceError } from '@roomkey/protocol';
import { systemClock } from '../system-clock.ts';
import { mediaUnavailable } from './media-error.ts';

/** What every object of the engine has. */
interface EngineObject {
  readonly closed: boolean;
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/** Hears of what the engine was told to close, and of what it did not do. */
export interface EngineWatch {
  /** It failed at something it was asked. Resolves with whether it can be asked anything else; never rejects. */
  failed(): Promise<boolean>;
  /** A closing was not sent to it: what should be closed may go on. Never throws. */
  unclosed(error: unknown): void;
  /** A closing was sent to it, with which so many of its objects go. Never throws. */
  closing(objects: number): void;
}

/** What a handle is made from. */
interface Opening<T> {
  /** The object goes with each of these. */
  readonly parents: readonly Parent[];
  readonly watch: EngineWatch;
  /** Asks the engine for the object, once the parents are open. */
  open(): Promise<T>;
  /** Runs once, when the handle ends. */
  onEnd(): void;
}

interface Parent {
  engine(): Promise<unknown>;
  readonly ended: boolean;
  adopt(child: Child): void;
  release(child: Child): void;
}

interface Child {
  /** How many objects end with it, itself included. */
  readonly size: number;
  endWithParent(): void;
}

/**
 * One object of the engine from the moment it is asked for.
 *
 * It can be ended before the engine answers: an answer that comes later closes what it brings.
 * It ends when one of its parents does, when the engine closes it, or when opening fails.
 */
export class EngineHandle<T extends EngineObject> implements Parent, Child {
  readonly #opened: Promise<T>;
  readonly #opening: Opening<T>;
  readonly #children = new Set<Child>();
  /** The undos of what waits for its time. */
  readonly #timers = new Set<() => void>();
  #object: T | undefined;
  #ended = false;

  constructor(opening: Opening<T>) {
    this.#opening = opening;
    for (const parent of opening.parents) parent.adopt(this);
    this.#opened = this.#open();
    // Whoever needs the object hears of a failure through `engine()`; nobody has to.
    this.#opened.catch(() => {});
  }

  get ended(): boolean {
    return this.#ended;
  }

  get size(): number {
    let size = 1;
    for (const child of this.#children) size += child.size;
    return size;
  }

  /** The engine's object. Throws `mediaUnavailable` when it has ended, or what the opening failed with. */
  async engine(): Promise<T> {
    const object = this.#object ?? (await this.#opened);
    if (this.#ended) throw ended();
    return object;
  }

  /**
   * Asks the object something, as soon as it is open. Throws as {@link engine} does, or what the engine fails with;
   * `mediaUnavailable` when the engine can be asked nothing any more.
   */
  async ask<R>(question: (object: T) => Promise<R>): Promise<R> {
    const object = await this.engine();
    return this.#heard(() => question(object));
  }

  /** The same if it is open now. */
  async askIfOpen<R>(question: (object: T) => Promise<R>): Promise<R | undefined> {
    const object = this.#object;
    return object && !this.#ended ? this.#heard(() => question(object)) : undefined;
  }

  /** Runs a job after `ms`, unless the object has ended by then. Returns the undo. */
  after(ms: number, job: () => void): () => void {
    if (this.#ended) return () => {};
    const undo = systemClock.after(ms, () => {
      this.#timers.delete(stop);
      job();
    });
    const stop = () => {
      this.#timers.delete(stop);
      undo();
    };
    this.#timers.add(stop);
    return stop;
  }

  /** Closes the object, now or as soon as the engine has answered. Idempotent; never throws. */
  end(): void {
    const object = this.#object;
    const objects = this.size;
    this.#finish();
    if (object) this.#close(object, objects);
  }

  adopt(child: Child): void {
    if (this.#ended) child.endWithParent();
    else this.#children.add(child);
  }

  release(child: Child): void {
    this.#children.delete(child);
  }

  // The engine closes children with their parent; one that is still being opened closes itself.
  endWithParent(): void {
    this.#finish();
  }

  async #open(): Promise<T> {
    const { parents, open } = this.#opening;
    try {
      for (const parent of parents) await parent.engine();
      if (this.#ended) throw ended();
      const object = await this.#heard(open);
      if (this.#ended || parents.some((parent) => parent.ended)) {
        this.#close(object, 1);
        throw ended();
      }
      this.#object = object;
      object.observer.once('close', () => this.#finish());
      return object;
    } catch (error) {
      this.#finish();
      throw error;
    }
  }

  async #heard<R>(question: () => Promise<R>): Promise<R> {
    try {
      return await question();
    } catch (error) {
      if (error instanceof ServiceError || (await this.#opening.watch.failed())) throw error;
      throw mediaUnavailable('The media worker takes no more requests.', { cause: error });
    }
  }

  #close(object: T, objects: number): void {
    try {
      object.close();
      this.#opening.watch.closing(objects);
    } catch (error) {
      this.#opening.watch.unclosed(error);
    }
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const stop of this.#timers) stop();
    for (const parent of this.#opening.parents) parent.release(this);
    for (const child of this.#children) child.endWithParent();
    this.#children.clear();
    this.#opening.onEnd();
  }
}

const ended = () => mediaUnavailable('It was closed meanwhile.');
