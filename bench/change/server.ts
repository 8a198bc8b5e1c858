/** The server as it is built, in a process that also says how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerParent } from '../child.ts';
import { startOwnServer } from '../own-server.ts';

/** Milliseconds between two looks at the event loop: as the server itself does it for its metrics. */
const resolution = 20;

const loop = monitorEventLoopDelay({ resolution });

const methods = {
  start: startOwnServer,

  /** Counts delays of the event loop from now on, beside those counted before. */
  watchLoop: (): void => void loop.enable(),

  /** Counts no more until it is watched again; returns the delays counted so far, in milliseconds. */
  loopDelays(): { p99: number; longest: number } {
    loop.disable();
    // Node counts the time between two looks.
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
    return { p99: late(loop.percentile(99)), longest: late(loop.max) };
  },

  forgetDelays: (): void => loop.reset(),
};

export type ChangeServerMethods = typeof methods;

answerParent(methods);
