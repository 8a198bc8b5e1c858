import type { EventLoopShare } from '../event-loop-share.ts';
import type { Clock, EventListener, UsageStore } from '../ports/index.ts';
import { UnwrittenUsage } from './unwritten-usage.ts';
import { UsageLedger } from './usage-ledger.ts';
import { UsageRetention } from './usage-retention.ts';

/** From the beginning of a checkpoint to that of the next. It leaves ten seconds of a minute for writing. */
const CHECKPOINT_MS = 50_000;
/** Rows that are written in one transaction, and so in one turn of the event loop. */
const ROWS = 200;

/** What a meter works with. */
interface Parts {
  readonly store: UsageStore;
  readonly clock: Clock;
  readonly share: EventLoopShare;
  /** Days for which usage is kept. */
  readonly days: number;
  /** A time that was before this process began, unix milliseconds; undefined: none is known. */
  readonly knownTime?: number | undefined;
  readonly events: UsageEvents;
}

/** What somebody should look at. */
export interface UsageEvents {
  /** The store takes nothing. So many rows wait in memory, and are tried again at the next checkpoint. */
  failed(error: unknown, waiting: number): void;
  /** So much time of members is lost, in milliseconds: too many rows wait. */
  lost(milliseconds: number): void;
}

/**
 * Counts how long members are in rooms, and writes it to the store: at least once a minute, and at `close`. A process that is killed
 * loses what came after its last checkpoint.
 */
export class UsageMeter {
  readonly #parts: Parts;
  readonly #unwritten = new UnwrittenUsage();
  readonly #ledger: UsageLedger;
  readonly #retention: UsageRetention;
  /** The checkpoint that is in work. */
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #stopTimer: () => void = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#ledger = new UsageLedger(parts.clock, this.#unwritten);
    this.#retention = new UsageRetention(parts.store, parts.clock, { ...parts, knownTime: parts.knownTime });
    this.#startTimer();
  }

  /** Hears what happens in the rooms. */
  readonly heard: EventListener = (event) => this.#ledger.heard(event);

  /** Writes what is counted; who is still inside counts up to now. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopTimer();
    await this.#running;
    await this.#checkpoint();
  }

  #startTimer(): void {
    this.#stopTimer = this.#parts.clock.after(CHECKPOINT_MS, () => {
      this.#startTimer();
      void this.#checkpoint();
    });
  }

  /** One at a time. Never rejects. */
  #checkpoint(): Promise<void> {
    this.#running ??= this.#count().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #count(): Promise<void> {
    const { share, events } = this.#parts;
    try {
      await share.each(this.#ledger.rooms, (room) => room.count());
      await this.#write();
      if (!this.#closing)
        await this.#retention.prune(async () => {
          await share.turn();
          return !this.#closing;
        });
    } catch (error) {
      events.failed(error, this.#unwritten.size);
    }
    const lost = this.#unwritten.takeLost();
    if (lost > 0) events.lost(lost);
  }

  /** Writes the rows that wait now; those that come meanwhile are for the next checkpoint. */
  async #write(): Promise<void> {
    const { store, share } = this.#parts;
    for (let left = this.#unwritten.size; left > 0; left -= ROWS) {
      const rows = this.#unwritten.take(Math.min(left, ROWS));
      try {
        await store.add(rows);
      } catch (error) {
        for (const row of rows) this.#unwritten.add(row);
        throw error;
      }
      await share.turn();
    }
  }
}
