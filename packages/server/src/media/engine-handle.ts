import { mediaUnavailable } from './media-error.ts';

/** What every object of the engine has. */
interface EngineObject {
  readonly closed: boolean;
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

interface Parent {
  engine(): Promise<unknown>;
  readonly ended: boolean;
  adopt(child: Child): void;
  release(child: Child): void;
}

interface Child {
  endWithParent(): void;
}

/**
 * One object of the engine from the moment it is asked for.
 *
 * It can be ended before the engine answers: an answer that comes later closes what it brings.
 * It ends when one of its parents does, when the engine closes it, or when opening fails; `onEnd` runs once, then.
 */
export class EngineHandle<T extends EngineObject> implements Parent, Child {
  readonly #opening: Promise<T>;
  readonly #parents: readonly Parent[];
  readonly #onEnd: () => void;
  readonly #children = new Set<Child>();
  #object: T | undefined;
  #ended = false;

  constructor(parents: readonly Parent[], open: () => Promise<T>, onEnd: () => void) {
    this.#parents = parents;
    this.#onEnd = onEnd;
    for (const parent of parents) parent.adopt(this);
    this.#opening = this.#open(open);
    // Whoever needs the object hears of a failure through `engine()`; nobody has to.
    this.#opening.catch(() => {});
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The engine's object if it is open now. */
  get object(): T | undefined {
    return this.#ended ? undefined : this.#object;
  }

  /** The engine's object. Throws `mediaUnavailable` when it has ended, or what the opening failed with. */
  async engine(): Promise<T> {
    const object = this.#object ?? (await this.#opening);
    if (this.#ended) throw ended();
    return object;
  }

  /** Closes the object, now or as soon as the engine has answered. Idempotent. */
  end(): void {
    const object = this.#object;
    this.#finish();
    object?.close();
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

  async #open(open: () => Promise<T>): Promise<T> {
    try {
      for (const parent of this.#parents) await parent.engine();
      if (this.#ended) throw ended();
      const object = await open();
      if (this.#ended || this.#parents.some((parent) => parent.ended)) {
        object.close();
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

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const parent of this.#parents) parent.release(this);
    for (const child of this.#children) child.endWithParent();
    this.#children.clear();
    this.#onEnd();
  }
}

const ended = () => mediaUnavailable('It was closed meanwhile.');
