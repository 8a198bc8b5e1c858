import type { Application, ApplicationChanged } from '../ports/index.ts';

/** A change of an application, told after it is durable and in force. */
export interface ApplicationChange extends Pick<ApplicationChanged, 'actor' | 'action' | 'to'> {
  readonly room?: string | undefined;
  /** The application as it is now. */
  readonly application: Application;
}

/** Those who hear of changes, and what they have yet to do about them. */
export class ChangeListeners {
  readonly #listeners = new Set<(change: ApplicationChange) => unknown>();
  #promised: Promise<unknown>[] = [];

  /** Calls `hear` after every change; returns the undo. */
  add(hear: (change: ApplicationChange) => unknown): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  /** Tells a change to all. The change is made: the fault of a listener stops neither the others nor the caller. */
  tell(change: ApplicationChange): void {
    for (const hear of this.#listeners) {
      try {
        this.#promised.push(Promise.resolve(hear(change)).catch(() => undefined));
      } catch {
        // Nobody hears of it, as of what it rejects with.
      }
    }
  }

  /** What listeners have promised since the last call; nothing of it rejects. */
  takePromised(): readonly Promise<unknown>[] {
    const promised = this.#promised;
    this.#promised = [];
    return promised;
  }
}
