import type { Clock } from './ports/index.ts';

/**
 * The time of this computer; Node's timers run on the monotonic clock.
 *
 * When a process was busy, its timers are late, and Node runs them before it reads. So each job waits until that is done.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, job) => {
    let reading: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      reading = setImmediate(job);
    }, ms);
    return () => {
      clearTimeout(timer);
      clearImmediate(reading);
    };
  },
};
