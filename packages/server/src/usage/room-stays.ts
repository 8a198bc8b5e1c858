import type { Clock, Tier } from '../ports/index.ts';
import { piecesOf } from './five-minutes.ts';
import type { UnwrittenUsage } from './unwritten-usage.ts';

/**
 * How many members of one room are on each tier, and since when nobody has counted their time. So a checkpoint looks at each room once,
 * however many members it has.
 */
export class RoomStays {
  readonly #at: { readonly sdkAppId: number; readonly room: string };
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  readonly #unwritten: Pick<UnwrittenUsage, 'add'>;
  readonly #members: Record<Tier, number> = { core: 0, outer: 0 };
  /** Whole milliseconds of the monotonic clock: what is rounded here is not rounded again at each sum. */
  #elapsed: number;
  /** What the wall clock said then. */
  #now: number;

  constructor(
    at: { readonly sdkAppId: number; readonly room: string },
    clock: Pick<Clock, 'now' | 'elapsed'>,
    unwritten: Pick<UnwrittenUsage, 'add'>,
  ) {
    this.#at = at;
    this.#clock = clock;
    this.#unwritten = unwritten;
    this.#elapsed = Math.round(clock.elapsed());
    this.#now = clock.now();
  }

  get isEmpty(): boolean {
    return this.#members.core === 0 && this.#members.outer === 0;
  }

  /** One member more on a tier from now on. */
  begin(tier: Tier): void {
    this.count();
    this.#members[tier]++;
  }

  /** One member less on a tier from now on. */
  end(tier: Tier): void {
    this.count();
    this.#members[tier]--;
  }

  /**
   * Counts the time up to now. How long it was says the monotonic clock. In which five minutes it was says the wall clock at its
   * beginning: when somebody sets that clock, what follows is counted by the new time.
   */
  count(): void {
    const { core, outer } = this.#members;
    const elapsed = Math.round(this.#clock.elapsed());
    for (const { milliseconds, ...when } of piecesOf(this.#now, elapsed - this.#elapsed))
      this.#unwritten.add({ ...this.#at, ...when, core: core * milliseconds, outer: outer * milliseconds });
    this.#elapsed = elapsed;
    this.#now = this.#clock.now();
  }
}
