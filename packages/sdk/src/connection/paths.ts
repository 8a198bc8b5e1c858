import { ServiceError } from '@roomkey/protocol';
import type { Timers } from '../platform/platform.ts';
import { type IcePath, newPath, nextPath, type PathHappening } from './ice-path.ts';
import type { Direction } from './media-handler.ts';

/** How long new ICE credentials have to bring a lost path back, in milliseconds. Over TCP two connection attempts may get lost in it. */
const RESTART_MS = 6000;

/** How long to wait when the server refuses a restart, in milliseconds. */
const REFUSED_MS = 1000;

interface PathHooks {
  /** Asks the server for new ICE credentials and uses them. */
  restart(direction: Direction): Promise<void>;
  /** Whether the browser takes the path for a good one. */
  isConnected(direction: Direction): boolean;
  /** No restart is worth while any more. Runs once. */
  onBlocked(): void;
}

const directions: readonly Direction[] = ['send', 'recv'];

/** The network paths of the transports of one stay: lost ones are restarted until they work again. */
export class Paths {
  readonly #timers: Timers;
  readonly #hooks: PathHooks;
  readonly #paths: Record<Direction, IcePath> = { send: newPath, recv: newPath };
  readonly #cancels: Record<Direction, () => void> = { send: () => {}, recv: () => {} };
  #isSignalingAway = false;

  constructor(timers: Timers, hooks: PathHooks) {
    this.#timers = timers;
    this.#hooks = hooks;
  }

  /** Whether media is known not to get through in some direction. */
  get areLost(): boolean {
    return directions.some((direction) => this.#paths[direction].at !== 'well');
  }

  connected(direction: Direction): void {
    this.#happen(direction, 'connected');
  }

  lost(direction: Direction): void {
    this.#happen(direction, 'lost');
  }

  /** This computer has come into another network: the path is looked for there. */
  moved(direction: Direction): void {
    this.#happen(direction, 'moved');
  }

  /** Nobody can be asked for a restart any more. */
  signalingLost(): void {
    this.#isSignalingAway = true;
    for (const direction of directions) this.#happen(direction, 'signalingLost');
  }

  /** The server can be asked again: lost paths are restarted at once. */
  signalingBack(): void {
    this.#isSignalingAway = false;
    for (const direction of directions) this.#happen(direction, 'signalingBack');
  }

  /** The transports are gone, and new ones will be opened. */
  reset(): void {
    for (const direction of directions) {
      this.#cancels[direction]();
      this.#paths[direction] = { ...newPath, hasWorked: this.#paths[direction].hasWorked };
    }
  }

  /** Nothing happens any more. */
  close(): void {
    this.#isSignalingAway = true;
    this.reset();
  }

  #happen(direction: Direction, happening: PathHappening): void {
    const before = this.#paths[direction];
    const path = nextPath(before, happening);
    if (path === before) return;
    this.#paths[direction] = path;
    this.#cancels[direction]();
    this.#cancels[direction] = () => {};
    if (path.at === 'asking' && this.#isSignalingAway) this.#happen(direction, 'signalingLost');
    else if (path.at === 'asking') void this.#ask(direction, path);
    else if (path.at === 'trying') this.#wait(direction, RESTART_MS);
    else if (path.at === 'waiting' && !this.#isSignalingAway) this.#wait(direction, REFUSED_MS);
    else if (path.at === 'blocked') this.#hooks.onBlocked();
  }

  #wait(direction: Direction, ms: number): void {
    this.#cancels[direction] = this.#timers.after(ms, () => {
      // A path that was only suspected may have worked all the time: the browser says nothing new of it then.
      this.#happen(direction, this.#hooks.isConnected(direction) ? 'connected' : 'timeUp');
    });
  }

  async #ask(direction: Direction, asking: IcePath): Promise<void> {
    const answered = (happening: PathHappening) => {
      if (this.#paths[direction] === asking) this.#happen(direction, happening);
    };
    try {
      await this.#hooks.restart(direction);
      answered('restarted');
    } catch (error) {
      const isAway = error instanceof ServiceError && error.code === 'connectionLost';
      if (!isAway) answered('refused');
    }
  }
}
