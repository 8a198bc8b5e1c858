import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';

/** What all workers together may use of the memory of the computer, or of what its container may use. */
const SHARE = 0.8;
/** A worker that had too much takes members again when it has less than this share of its bound. */
const ENOUGH = 0.9;

export interface Memory {
  /** Resident memory, in bytes. */
  readonly used: number;
  /** More than this, and the worker takes no more members. */
  readonly limit: number;
}

/** How many bytes each of some workers may use by default. */
export function memoryShare(workers: number): number {
  const total = totalmem();
  const most = process.constrainedMemory();
  return Math.floor((SHARE * (most > 0 ? Math.min(most, total) : total)) / workers);
}

/** Whether a worker has too much memory, given whether it had before. */
export const isFull = ({ used, limit }: Memory, wasFull: boolean): boolean =>
  used > (wasFull ? ENOUGH * limit : limit);

/**
 * The memory of a worker process. What members do not take waits there, and the engine does not bound it everywhere: a worker that had
 * all memory of the computer would end every other process on it.
 */
export class WorkerMemory {
  readonly #pid: number;
  readonly #limit: number;
  #used: number | undefined;
  #full = false;

  constructor(pid: number, limit: number) {
    this.#pid = pid;
    this.#limit = limit;
  }

  /** As at the last look; undefined where the system does not say. */
  get figures(): Memory | undefined {
    return this.#used === undefined ? undefined : { used: this.#used, limit: this.#limit };
  }

  get full(): boolean {
    return this.#full;
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const status = await readFile(`/proc/${this.#pid}/status`, 'latin1').catch(() => '');
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
    if (kilobytes === undefined) return;
    this.#used = Number(kilobytes) * 1024;
    this.#full = isFull({ used: this.#used, limit: this.#limit }, this.#full);
  }
}
