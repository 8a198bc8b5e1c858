import { systemClock } from '../../system-clock.ts';
import type { EngineWatch } from '../engine-handle.ts';
import { leastLoaded } from './placement.ts';
import { WorkerLife } from './worker-life.ts';
import type { WorkerSettings } from './worker-start.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;
/** A life this long was a good one: the next restart does not wait. */
const GOOD_LIFE_MS = 10_000;
const LOOK_MS = 1_000;

/** How long a restart waits after so many short lives in a row, in ms: after the first not at all, then twice as long each time. */
export const restartWait = (shortLives: number): number =>
  shortLives < 2 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (shortLives - 2));

/** A fixed number of workers; one that dies is started again. */
export class WorkerPool {
  /** Hears of every life that ended without `close`, also of one that never began. */
  onLost: (placeId: string) => void = () => {};
  /** A worker takes transports again, or a first one does after none did. */
  onAvailable: () => void = () => {};
  /** Whether no room is on a place. */
  isEmpty: (placeId: string) => boolean = () => false;
  readonly #settings: WorkerSettings;
  readonly #lives = new Map<number, { readonly life: WorkerLife; readonly started: Promise<void> }>();
  readonly #waits = new Set<NodeJS.Timeout>();
  #stopLooking = () => {};
  #restarts = 0;
  #closed = false;

  private constructor(settings: WorkerSettings) {
    this.#settings = settings;
  }

  /**
   * Starts all workers.
   *
   * @throws {MediaStartError} when one of them does not start; the others are ended.
   */
  static async start(workers: number, settings: WorkerSettings): Promise<WorkerPool> {
    const pool = new WorkerPool(settings);
    try {
      await Promise.all(Array.from({ length: workers }, (_, index) => pool.#begin(index, 0)));
    } catch (error) {
      await pool.close();
      throw error;
    }
    pool.#look();
    return pool;
  }

  /** How often a worker was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The workers that live. */
  get living(): WorkerLife[] {
    return [...this.#lives.values()].flatMap(({ life }) => (life.living ? [life] : []));
  }

  /**
   * The worker to place a room on, by load, among those that take more transports; one that is just being started when none
   * lives. `rooms` counts the rooms of a place.
   */
  choose(rooms: (placeId: string) => number): WorkerLife | undefined {
    const { living } = this;
    const loads = living
      .filter((life) => life.takesTransports)
      .map((life) => ({ life, ...life.load(rooms(life.placeId)) }));
    if (living.length > 0) return leastLoaded(loads)?.life;
    return this.#lives.values().next().value?.life;
  }

  /** The worker with this process says that a member of it gets no media: everything on it is lost. */
  gaveNoMedia(pid: number, what: string): void {
    this.living.find((life) => life.pid === pid)?.giveUp(new Error(what));
  }

  /** Something was opened on a place: it counts as load until the next look measures it. */
  opened(placeId: string): void {
    this.#at(placeId)?.life.opened();
  }

  /** A handshake failed on a place: {@link WorkerLife.doubt}. */
  doubt(placeId: string): void {
    void this.#at(placeId)?.life.doubt();
  }

  /** The life with this place id, when it has started. Undefined if it is over. */
  async find(placeId: string): Promise<WorkerLife | undefined> {
    const { life, started } = this.#at(placeId) ?? {};
    if (!life?.living) await started?.catch(() => {});
    return life?.living ? life : undefined;
  }

  /** Resolves as {@link WorkerLife.confirmClosed} does, also when the life is over. */
  async confirmClosed(placeId: string, cut: () => void): Promise<void> {
    const { life, started } = this.#at(placeId) ?? {};
    await started?.catch(() => {});
    await life?.confirmClosed(cut);
  }

  /** Where to tell what the engine of a place closes, and what it did not do. */
  watch(placeId: string): EngineWatch {
    return {
      failed: async () => (await this.#at(placeId)?.life.works()) ?? false,
      unclosed: (error) => this.#at(placeId)?.life.giveUp(error),
      closing: (objects) => this.#at(placeId)?.life.closing(objects),
    };
  }

  /** Ends every worker; resolves when their processes are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopLooking();
    for (const wait of this.#waits) clearTimeout(wait);
    await Promise.all(
      [...this.#lives.values()].map(async ({ life, started }) => {
        await started.catch(() => {});
        await life.close();
      }),
    );
    this.#lives.clear();
  }

  #look(): void {
    this.#stopLooking = systemClock.after(LOOK_MS, () => {
      for (const { life } of this.#lives.values()) {
        if (life.isWornOut && this.isEmpty(life.placeId)) life.replace();
        else life.look();
      }
      this.#look();
    });
  }

  #at(placeId: string) {
    return [...this.#lives.values()].find(({ life }) => life.placeId === placeId);
  }

  async #begin(index: number, shortLives: number): Promise<void> {
    const life = new WorkerLife(index, this.#settings, () => this.onAvailable());
    const bornAt = performance.now();
    const wasGood = () => life.isReplaced || performance.now() - bornAt > GOOD_LIFE_MS;
    const over = () => this.#over(life, wasGood() ? 0 : shortLives + 1);
    const started = life.start(over);
    this.#lives.set(index, { life, started });
    await started;
    this.#settings.log('info', 'a media worker runs', { place: life.placeId, pid: life.pid ?? 0 });
    const others = this.living.filter((one) => one !== life && one.takesTransports);
    if (others.length === 0) this.onAvailable();
  }

  #over(life: WorkerLife, shortLives: number): void {
    this.#lives.delete(life.index);
    if (this.#closed) return;
    if (!life.isReplaced)
      this.#settings.log('error', 'a media worker died and is started again', { place: life.placeId });
    const again = () => {
      this.#restarts++;
      this.#begin(life.index, shortLives).catch((error: Error) => {
        const failed = this.#lives.get(life.index)?.life;
        this.#settings.log('error', error.message);
        if (failed) this.#over(failed, shortLives + 1);
      });
    };
    // Before others hear of it, so that they find the next life when they ask for a place.
    const wait = restartWait(shortLives);
    if (wait === 0) again();
    else this.#after(wait, again);
    this.onLost(life.placeId);
  }

  #after(ms: number, job: () => void): void {
    const wait = setTimeout(() => {
      this.#waits.delete(wait);
      job();
    }, ms);
    this.#waits.add(wait);
  }
}
