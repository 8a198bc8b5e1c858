import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../usage.ts';
import type { EntryRun } from './plan.ts';

/** A server, or what stands for one, that lets members enter. */
export interface Contestant {
  /** All its processes. */
  readonly pids: readonly number[];
  /** Prepares a run; what it returns is measured. */
  enter(run: number): () => Promise<EntryRun>;
  /** Takes out everybody who has entered in the last run. */
  leave(): Promise<void>;
}

/** Entries per second. */
export interface Rate {
  /** Of CPU time of all processes of the server. */
  readonly cpu: number;
  readonly clock: number;
}

/** Everybody's leaving is done before somebody else is measured. */
const leavingMs = 1000;

/** Measures one run. */
export async function measure({ pids, enter, leave }: Contestant, run: number): Promise<Rate> {
  const everybodyEnters = enter(run);
  const before = cpuSeconds(pids);
  const { entries, seconds } = await everybodyEnters();
  const used = cpuSeconds(pids) - before;
  await leave();
  await sleep(leavingMs);
  return { cpu: entries / used, clock: entries / seconds };
}
