/** What is known of a worker when a room is placed. */
export interface WorkerLoad {
  /** Share of one core that the worker used in the last sample, 0 to 1. */
  readonly cpu: number;
  /** Transports, tracks and consumers opened since that sample, which its figure does not hold yet. */
  readonly openedSince: number;
  /** Rooms on the worker. */
  readonly rooms: number;
}

// 175 packets/s (a camera and a microphone) at about 11 µs each.
const CPU_PER_STREAM = 0.002;
// Differences below this are noise between two samples.
const STEP = 0.05;

const step = (load: WorkerLoad): number => Math.round((load.cpu + load.openedSince * CPU_PER_STREAM) / STEP);

/**
 * The worker to place a room on: the one that uses least CPU, in steps of 5 % of a core;
 * among equals the one with the fewest rooms, then the first. Undefined when there is none.
 */
export function leastLoaded<T extends WorkerLoad>(workers: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const worker of workers) {
    const gain = best ? step(best) - step(worker) || best.rooms - worker.rooms : 1;
    if (gain > 0) best = worker;
  }
  return best;
}
