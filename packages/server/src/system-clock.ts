import type { Clock } from './ports/index.ts';

/** The time of this computer; Node's timers run on the monotonic clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, job) => {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
};
