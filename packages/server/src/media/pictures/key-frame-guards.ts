import { KeyFrameGuard } from './key-frame-guard.ts';

/** What each receiver of one track may cost its sender. It is the same however often a receiver begins to receive the track. */
export class KeyFrameGuards {
  readonly #guards = new WeakMap<object, KeyFrameGuard>();

  of(receiver: object): KeyFrameGuard {
    const guard = this.#guards.get(receiver) ?? new KeyFrameGuard();
    this.#guards.set(receiver, guard);
    return guard;
  }
}
