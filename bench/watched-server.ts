/** The server as it is built, in a process that also says how late its event loop is. */
import { observer } from 'mediasoup';
import { answerParent } from './child.ts';
import { type LoopDelays, LoopWatch } from './loop-watch.ts';
import { type RunningServer, startOwnServer } from './own-server.ts';

let loop: LoopWatch;
let workerPid = 0;
observer.on('newworker', ({ pid }) => {
  workerPid = pid;
});

const methods = {
  /** Starts it with one worker; `resolution` is the milliseconds between two looks at the event loop. */
  start({ env, resolution }: Started): Promise<RunningServer> {
    loop = new LoopWatch(resolution);
    return startOwnServer({ ROOMKEY_WORKERS: '1', ...env });
  },

  /** The process id of the media worker; another one when it was replaced. */
  workerPid: (): number => workerPid,

  /** Counts delays of the event loop from now on, beside those counted before. */
  watchLoop: (): void => loop.begin(),

  /** Counts no more until it is watched again; returns the delays counted so far. */
  loopDelays: (): LoopDelays => loop.end(),

  forgetDelays: (): void => loop.forget(),
};

interface Started {
  readonly env: Readonly<Record<string, string>>;
  readonly resolution: number;
}

export type WatchedServerMethods = typeof methods;

answerParent(methods);
