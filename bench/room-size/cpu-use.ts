import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../usage.ts';

/** Share of a core below which a server does nothing but what it does by itself; a watch of its event loop alone takes 0.12. */
const quietShare = 0.25;
const lookMs = 250;
const patienceMs = 300_000;

/** What processes use of the CPU for something, beyond what they use when nobody asks anything of them. */
export class CpuUse {
  readonly #pids: readonly number[];
  /** Seconds of CPU per second when nothing happens. */
  #idle = 0;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
  }

  /** Resolves when what was begun is done: in two looks in a row they do next to nothing. */
  async quiet(): Promise<void> {
    const began = performance.now();
    for (let calm = 0; calm < 2; ) {
      if (performance.now() - began > patienceMs) throw new Error('the server does not come to rest');
      calm = (await this.#share(lookMs)) < quietShare ? calm + 1 : 0;
    }
  }

  /** Learns what they use when nothing happens; returns it as a share of a core. */
  async learnIdle(seconds: number): Promise<number> {
    this.#idle = await this.#share(seconds * 1000);
    return this.#idle;
  }

  /** Seconds of CPU that a job costs, until `afterMs` behind its end. */
  async cost(job: () => Promise<void>, afterMs: number): Promise<number> {
    const [before, began] = [cpuSeconds(this.#pids), performance.now()];
    await job();
    await sleep(afterMs);
    const [after, ended] = [cpuSeconds(this.#pids), performance.now()];
    return after - before - (this.#idle * (ended - began)) / 1000;
  }

  async #share(ms: number): Promise<number> {
    const [before, began] = [cpuSeconds(this.#pids), performance.now()];
    await sleep(ms);
    return ((cpuSeconds(this.#pids) - before) * 1000) / (performance.now() - began);
  }
}
